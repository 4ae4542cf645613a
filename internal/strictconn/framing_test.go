package strictconn

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// unambiguous are streams of whole requests that pass.
var unambiguous = []string{
	"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:\t05 \r\n\r\nhello",
	"POST / HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n00a;x=\"y\r\n0123456789\r\n0;z\r\nX-T: 1\r\nX-U:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nX-Tab:\ta\tb\t\r\nX-Latin: \xe9\r\nContent_Length: 7\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nContent-Length-and-something-quite-long: 7\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encodin: y\r\nX-Content-Length: 7\r\n\r\n",
}

// A bad stream, and what is wrong with it.
type bad struct {
	Name, Stream string
	Why          error
}

// ambiguous are streams in which a head breaks a rule.
var ambiguous = []bad{
	{"both lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", errBoth},
	{"both lengths, turned round", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", errBoth},
	{"a length of nothing, and chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", errBoth},
	{"the same length twice", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", errLength},
	{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", errLength},
	{"a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello", errLength},
	{"a signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello", errLength},
	{"a hexadecimal length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello", errLength},
	{"no length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nhello", errLength},
	{"a huge length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999\r\n\r\nhello", errLength},
	{"a long length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 000000000000000000000000005\r\n\r\nhello", errLength},
	{"chunks twice", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", errCoding},
	{"an unknown coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", errCoding},
	{"two codings", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", errCoding},
	{"identity", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", errCoding},
	{"no coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n", errCoding},
	{"a quoted coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", errCoding},
	{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", errCoding},
	{"chunks in HTTP/1.0 that is kept", "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", errCoding},

	{"LF after the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n", errLineEnd},
	{"LF after a field", "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", errLineEnd},
	{"LF at the end of the head", "GET / HTTP/1.1\r\nHost: x\r\n\n", errLineEnd},
	{"CR LF LF", "GET / HTTP/1.1\r\nHost: x\n\r\n", errLineEnd},
	{"CR in a value", "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", errLineEnd},
	{"CR CR LF", "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", errLineEnd},
	{"CR at the end of the head", "GET / HTTP/1.1\r\nHost: x\r\n\rX: y\r\n\r\n", errLineEnd},
	{"CR after the request line", "GET / HTTP/1.1\rHost: x\r\n\r\n", errLineEnd},
	{"NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", errValue},
	{"a control character", "GET / HTTP/1.1\r\nHost: x\r\nX: a\x0bb\r\n\r\n", errValue},
	{"DEL", "GET / HTTP/1.1\r\nHost: x\r\nX: a\x7fb\r\n\r\n", errValue},
	{"a folded line", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", errFolded},
	{"a folded coding", "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", errCoding},
	{"folded with a tab", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n", errFolded},
	{"folded at once", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", errFolded},
	{"space before the colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello", errName},
	{"tab before the colon", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding\t: chunked\r\n\r\n", errName},
	{"no name", "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", errName},
	{"no colon", "GET / HTTP/1.1\r\nHost: x\r\nX\r\n\r\n", errName},
	{"NUL in a name", "GET / HTTP/1.1\r\nHost: x\r\nX\x00Y: z\r\n\r\n", errName},
	{"a name in Latin", "GET / HTTP/1.1\r\nHost: x\r\nX\xe9: z\r\n\r\n", errName},

	{"an empty line before", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", errRequestLine},
	{"a space before", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", errRequestLine},
	{"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", errRequestLine},
	{"a tab", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", errRequestLine},
	{"a space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", errRequestLine},
	{"Latin in the target", "GET /\xe9 HTTP/1.1\r\nHost: x\r\n\r\n", errRequestLine},
	{"a space after", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", errRequestLine},
	{"HTTP/0.9", "GET /\r\n\r\n", errRequestLine},
	{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", errRequestLine},
	{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", errRequestLine},
	{"TLS", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1", errRequestLine},
}

const head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

// malformed are streams in which a chunked body breaks a rule.
var malformed = []bad{
	{"LF after the size", head + "5\nhello\r\n0\r\n\r\n", errLineEnd},
	{"LF in an extension", head + "5;a\nhello\r\n0\r\n\r\n", errLineEnd},
	{"CR in an extension", head + "5;a\rb\r\nhello\r\n0\r\n\r\n", errLineEnd},
	{"CR after the size", head + "5\rhello\r\n0\r\n\r\n", errLineEnd},
	{"NUL in an extension", head + "5;a\x00\r\nhello\r\n0\r\n\r\n", errChunk},
	{"a space after the size", head + "5 \r\nhello\r\n0\r\n\r\n", errChunk},
	{"a space before the size", head + " 5\r\nhello\r\n0\r\n\r\n", errChunk},
	{"a prefix", head + "0x5\r\nhello\r\n0\r\n\r\n", errChunk},
	{"a sign", head + "-5\r\nhello\r\n0\r\n\r\n", errChunk},
	{"no size", head + "\r\nhello\r\n0\r\n\r\n", errChunk},
	{"a huge size", head + "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", errChunk},
	{"more data than said", head + "5\r\nhello, world\r\n0\r\n\r\n", errChunk},
	{"LF after the data", head + "5\r\nhello\n0\r\n\r\n", errChunk},
	{"CR after the data", head + "5\r\nhello\r0\r\n\r\n", errChunk},
	{"LF at the end", head + "0\r\n\n", errLineEnd},
	{"LF in the trailer", head + "0\r\nX: y\n\r\n", errLineEnd},
	{"a length in the trailer", head + "0\r\nContent-Length: 7\r\n\r\n", errTrailer},
	{"a coding in the trailer", head + "0\r\nTransfer-Encoding: chunked\r\n\r\n", errTrailer},
	{"a folded trailer", head + "0\r\nX: y\r\n z\r\n\r\n", errFolded},
}

// TestScan: whole or byte by byte, the scanner says the same.
func TestScan(t *testing.T) {
	for _, stream := range unambiguous {
		var whole scanner
		if n, err := whole.scan([]byte(stream)); err != nil || whole.at != start {
			t.Errorf("%q: stopped after %d bytes, at place %d: %v", stream, n, whole.at, err)
		}
	}
	for _, row := range append(ambiguous, malformed...) {
		var whole, slow scanner
		n, err := whole.scan([]byte(row.Stream))
		if !errors.Is(err, row.Why) {
			t.Errorf("%s: %v, want %v", row.Name, err, row.Why)
		}
		for i := range n {
			if _, err := slow.scan([]byte(row.Stream[i : i+1])); err != nil && i < n-1 {
				t.Errorf("%s: byte by byte it ends at %d, want %d: %v", row.Name, i, n, err)
				break
			}
		}
	}
}

// frames returns where each request of a stream ends, where the last one begins, how far the
// stream is good, and what is wrong with the next byte.
func frames(stream []byte) (ends []int, begin, good int, s scanner, why error) {
	for i := range stream {
		n, err := s.scan(stream[i : i+1])
		good += n
		if err != nil {
			return ends, begin, good, s, err
		}
		if s.at == start {
			ends = append(ends, good)
			begin = good
		}
	}
	return ends, begin, good, s, nil
}

// FuzzFraming: net/http reads no request that the scanner lets pass to another end, and refuses
// every head that the scanner ends.
func FuzzFraming(f *testing.F) {
	for _, stream := range unambiguous {
		f.Add([]byte(stream), uint8(7))
	}
	for _, row := range append(ambiguous, malformed...) {
		f.Add([]byte(row.Stream), uint8(3))
		f.Add([]byte(unambiguous[5]+row.Stream), uint8(0))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		ends, begin, good, s, why := frames(stream)

		from := 0
		for _, end := range ends {
			// What follows is there as well, so that reading too far would be seen.
			in := bufio.NewReader(bytes.NewReader(stream[from:]))
			r, err := http.ReadRequest(in)
			if err != nil {
				return // net/http is stricter, and hangs up
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			var left bytes.Buffer
			_, _ = left.ReadFrom(in)
			if read := len(stream) - left.Len(); read != end {
				t.Fatalf("net/http ends %q at %d, the scanner at %d", stream, read, end)
			}
			from = end
		}

		if why != nil && s.inHead() {
			refused := append(bytes.Clone(stream[begin:good]), refusal...)
			_, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(refused)))
			if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "transfer encoding") {
				t.Fatalf("net/http does not answer 400 to %q: %v", refused, err)
			}
		}

		// In pieces of any size it is the same.
		var pieces scanner
		total, err := 0, error(nil)
		for total < len(stream) && err == nil {
			var n int
			n, err = pieces.scan(stream[total:min(len(stream), total+int(size)+1)])
			total += n
		}
		if total != good || !errors.Is(err, why) || pieces != s {
			t.Fatalf("in pieces: %d, %v; byte by byte: %d, %v", total, err, good, why)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	request := []byte("GET /api/v1/users/me HTTP/1.1\r\nHost: id.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) " +
		"Gecko/20100101 Firefox/140.0\r\nAccept: application/json\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n" +
		"Cookie: __Host-session=0123456789abcdef0123456789abcdef0123456789a\r\nConnection: keep-alive\r\n\r\n")
	var s scanner
	b.SetBytes(int64(len(request)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.scan(request); err != nil {
			b.Fatal(err)
		}
	}
}
