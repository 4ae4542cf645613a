// Package strictconn lets through only requests that every reader of HTTP/1 reads alike.
//
// Where a proxy and the server behind it disagree about where a request ends, a stranger can hide
// a second request in the body of the first (request smuggling). net/http refuses most of what
// can be read in two ways, but it takes a request with both Transfer-Encoding and Content-Length,
// ignores Transfer-Encoding in HTTP/1.0, and takes bare line feeds, folded lines, and repeated
// lengths. Nothing of that can be seen any more in an [http.Request], so it is refused here, as
// the bytes arrive.
//
// A [Listener]'s connections follow the framing of requests (head, body, chunks, trailer) without
// keeping any of it. At the first byte that breaks a rule they hand over, instead of it and all
// that follows, an end of the head that net/http itself refuses: so net/http answers, after the
// requests before that one, with 400 and closes the connection. Within a chunked body, where it is
// too late for that, reading the body fails, and no other request is read.
//
// It is for connections without TLS.
package strictconn
