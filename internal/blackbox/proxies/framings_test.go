package proxies_test

import (
	"fmt"
	"strings"
)

// A framing is a request, or what some server takes for more than one, that no honest client writes.
// COOKIE stands for the cookies of the number and of the session.
type framing struct{ name, raw string }

// hidden is a request inside of another.
const hidden = "GET /staff/hidden HTTP/1.1\r\nHost: app.example.com\r\nX-Auth-User: evil\r\n\r\n"

// head returns a head for the app with these lines, which end in CRLF.
func head(request string, lines ...string) string {
	return request + "\r\nHost: " + appHost + "\r\nCookie: COOKIE\r\n" + strings.Join(append(lines, "", ""), "\r\n")
}

// chunk is text as a chunk of a body.
func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

// framings are those of request smuggling, of headers that name themselves in many ways, and of hosts.
func framings() []framing {
	length := fmt.Sprint("Content-Length: ", len(hidden))
	get, post := "GET /staff/x HTTP/1.1", "POST /public/x HTTP/1.1"
	all := []framing{
		{"CL and TE", head(post, "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n" + hidden},
		{"TE and CL", head(post, "Transfer-Encoding: chunked", "Content-Length: 4") + chunk(hidden) + "0\r\n\r\n"},
		{"two CL", head(post, "Content-Length: 0", "Content-Length: 99") + hidden},
		{"two CL in one", head(post, "Content-Length: 0, 99") + hidden},
		{"CL with a plus", head(post, "Content-Length: +0") + hidden},
		{"CL in hexadecimal", head(post, "Content-Length: 0x0") + hidden},
		{"CL that is negative", head(post, "Content-Length: -1") + hidden},
		{"CL with a blank", head(post, "Content-Length: 0 99") + hidden},
		{"CL too large", head(post, "Content-Length: 99999999999999999999") + hidden},
		{"CL of a GET", head("GET /public/x HTTP/1.1", "Content-Length: 0") + hidden},
		{"xchunked", head(post, "Transfer-Encoding: xchunked", "Content-Length: 0") + hidden},
		{"chunked twice", head(post, "Transfer-Encoding: chunked", "Transfer-Encoding: identity") + "0\r\n\r\n" + hidden},
		{"chunked, identity", head(post, "Transfer-Encoding: chunked, identity") + "0\r\n\r\n" + hidden},
		{"TE with a blank before the colon", head(post, "Transfer-Encoding : chunked", "Content-Length: 0") + hidden},
		{"TE after a tab", head(post, "Transfer-Encoding:\tchunked", "Content-Length: 0") + hidden},
		{"TE after a vertical tab", head(post, "Transfer-Encoding: \x0bchunked", "Content-Length: 0") + hidden},
		{"TE in capitals", head(post, "TRANSFER-ENCODING: CHUNKED", "Content-Length: 0") + "0\r\n\r\n" + hidden},
		{"TE with an underscore", head(post, "Transfer_Encoding: chunked", "Content-Length: 0") + hidden},
		{"TE in HTTP/1.0", head("POST /public/x HTTP/1.0", "Transfer-Encoding: chunked", "Connection: keep-alive") + "0\r\n\r\n" + hidden},
		{"TE in a folded line", head(post, "X: y\r\n Transfer-Encoding: chunked", "Content-Length: 0") + hidden},
		{"TE behind a bare line feed", head(post, "X: y\nTransfer-Encoding: chunked", "Content-Length: 0") + hidden},
		{"TE behind a bare CR", head(post, "X: y\rTransfer-Encoding: chunked", "Content-Length: 0") + hidden},
		{"chunk with a bare line feed", head(post, "Transfer-Encoding: chunked") + "1;\nx\r\n0\r\n\r\n" + hidden},
		{"chunk extension with a line feed", head(post, "Transfer-Encoding: chunked") + "2;a\nxx\r\n" + chunk("0\r\n\r\n"+hidden) + "0\r\n\r\n"},
		{"chunk of a size too large", head(post, "Transfer-Encoding: chunked") + "10000000000000000\r\n" + hidden},
		{"chunk of a size with 0x", head(post, "Transfer-Encoding: chunked") + "0x0\r\n\r\n" + hidden},
		{"identity in the trailer", head(post, "Transfer-Encoding: chunked", "Trailer: X-Auth-User") + "0\r\nX-Auth-User: evil\r\nX-Auth-Role: evil\r\n\r\n"},
		{"a body that looks like a request", head(post, length) + hidden},
		{"Expect", head(post, "Expect: 100-continue", length) + hidden},
		{"Upgrade to h2c", head("GET /public/x HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA") + hidden},
		{"Upgrade to a websocket that is none", head("GET /public/x HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket") + hidden},
		{"Upgrade to a websocket at the wrong version", head("GET /public/x HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 777") + hidden},
		{"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden},
		{"pipelined", head("GET /public/x HTTP/1.1") + hidden},
		{"bare line feeds", strings.ReplaceAll(head(get), "\r\n", "\n")},
		{"a blank line before", "\r\n\r\n" + head(get)},
		{"a line that begins with a blank", head(get, " X-Auth-User: evil")},
		{"a folded identity", head(get, "X-Auth-User:", " evil", "\tevil")},
		{"a blank before the colon", head(get, "X-Auth-User : evil")},
		{"no colon", head(get, "X-Auth-User")},
		{"no name", head(get, ": evil")},
		{"NUL in a name", head(get, "X-Auth-User\x00: evil")},
		{"NUL in a value", head(get, "X-Test: a\x00\r\nX-Auth-User: evil")},
		{"CR in a value", head(get, "X-Test: a\rX-Auth-User: evil")},
		{"two cookies", head(get, "Cookie: __Host-session=x")},
		{"cookies in two lines", head("GET /x HTTP/1.1", "Cookie: a=b", "Cookie: c=d")},
		{"two tokens", head(get, "Authorization: Bearer evil", "Authorization: Basic evil")},

		// The words of proxies, in the mouth of a client.
		{"method override", head(get, "X-HTTP-Method-Override: OPTIONS", "X-Method-Override: HEAD")},
		{"OPTIONS", head("OPTIONS /staff/x HTTP/1.1", "Origin: https://evil.example", "Access-Control-Request-Method: GET")},
		{"HEAD", head("HEAD /staff/x HTTP/1.1")},
		{"TRACE", head("TRACE /staff/x HTTP/1.1")},
		{"CONNECT", head("CONNECT app.example.com:443 HTTP/1.1")},
		{"CONNECT to a path", head("CONNECT /staff/x HTTP/1.1")},
		{"a method in small letters", head("get /staff/x HTTP/1.1")},
		{"a method of one's own", head("STAFF /staff/x HTTP/1.1")},
		{"HTTP/1.0", head("GET /staff/x HTTP/1.0")},
		{"HTTP/1.0 without a host", "GET /staff/x HTTP/1.0\r\nCookie: COOKIE\r\n\r\n"},
		{"HTTP/0.9", "GET /staff/x\r\n\r\n"},
		{"HTTP/1.2", head("GET /staff/x HTTP/1.2")},
		{"HTTP/2.0", head("GET /staff/x HTTP/2.0")},
		{"http/1.1", head("GET /staff/x http/1.1")},
		{"a tab in the request line", head("GET\t/staff/x\tHTTP/1.1")},
		{"blanks in the request line", head("GET  /staff/x  HTTP/1.1")},

		// Hosts.
		{"another host", "GET /public/x HTTP/1.1\r\nHost: evil.example\r\nCookie: COOKIE\r\n\r\n"},
		{"no host", "GET /staff/x HTTP/1.1\r\nCookie: COOKIE\r\n\r\n"},
		{"an empty host", "GET /staff/x HTTP/1.1\r\nHost:\r\nCookie: COOKIE\r\n\r\n"},
		{"two hosts", head(get, "Host: evil.example")},
		{"a host twice", head(get, "Host: app.example.com")},
		{"a host with a dot", "GET /staff/x HTTP/1.1\r\nHost: app.example.com.\r\nCookie: COOKIE\r\n\r\n"},
		{"a host in capitals", "GET /staff/x HTTP/1.1\r\nHost: APP.EXAMPLE.COM\r\nCookie: COOKIE\r\n\r\n"},
		{"a host with a port", "GET /staff/x HTTP/1.1\r\nHost: app.example.com:1\r\nCookie: COOKIE\r\n\r\n"},
		{"a host with a path", "GET /staff/x HTTP/1.1\r\nHost: app.example.com/public/\r\nCookie: COOKIE\r\n\r\n"},
		{"a host with a user", "GET /staff/x HTTP/1.1\r\nHost: x@app.example.com\r\nCookie: COOKIE\r\n\r\n"},
		{"a host behind a comma", "GET /staff/x HTTP/1.1\r\nHost: evil.example, app.example.com\r\nCookie: COOKIE\r\n\r\n"},
		{"the host of the URL", "GET http://evil.example/public/x HTTP/1.1\r\nHost: app.example.com\r\nCookie: COOKIE\r\n\r\n"},
		{"the host of the line", "GET http://app.example.com/staff/x HTTP/1.1\r\nHost: evil.example\r\nCookie: COOKIE\r\n\r\n"},
		{"localhost", "GET /staff/x HTTP/1.1\r\nHost: localhost\r\nCookie: COOKIE\r\n\r\n"},
	}
	// Every header that only a proxy says, once, twice, and in other spellings.
	for _, name := range []string{
		"X-Auth-User", "X-Auth-Email", "X-Auth-Role", "X-Auth-Session", "Authorization",
		"X-Original-Method", "X-Original-Host", "X-Original-URI", "X-Original-URL", "X-Original-Proto", "X-Rewrite-URL",
		"X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded",
	} {
		value := ": evil"
		all = append(all,
			framing{name, head(get, name+value)},
			framing{name + " for public", head("GET /public/x HTTP/1.1", name+value)},
			framing{name + " twice", head(get, name+value, name+value+"2")},
			framing{name + " empty and full", head(get, name+":", name+value)},
			framing{name + " in small letters", head(get, strings.ToLower(name)+value)},
			framing{name + " with underscores", head(get, strings.ReplaceAll(name, "-", "_")+value)},
			framing{name + " with one underscore", head(get, strings.Replace(name, "-", "_", 1)+value)},
			framing{name + " with dots", head(get, strings.ReplaceAll(name, "-", ".")+value)},
			framing{name + " with tildes", head(get, strings.ReplaceAll(name, "-", "~")+value)},
			framing{name + " as hop by hop", head("GET /x HTTP/1.1", "Connection: close, "+name, name+value)},
			framing{name + " as hop by hop of two lines", head("GET /x HTTP/1.1", "Connection: "+name, "Connection: keep-alive", "Proxy-Connection: "+name)},
			framing{name + " as hop by hop of a websocket", head("GET /x HTTP/1.1", "Connection: Upgrade, "+name, "Upgrade: websocket", name+value)},
		)
	}
	// A question that is for another path, in every form that /verify knows.
	for _, family := range []string{"X-Original-", "X-Forwarded-"} {
		all = append(all, framing{family + " of something public", head(get, family+"Method: GET", family+"Host: app.example.com", family+"URI: /public/evil", family+"Proto: https")})
	}
	return all
}
