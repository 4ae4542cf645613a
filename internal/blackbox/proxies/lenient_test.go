package proxies_test

import (
	"bytes"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// A lenientReader reads a connection as kindly as the worst servers do: bare line feeds end lines,
// blanks may stand before a colon, lines may be folded. What two lengths mean, each of those servers
// decides for itself.
type lenientReader struct {
	lengthFirst bool // Content-Length counts even beside Transfer-Encoding
	rest        []byte
}

// line returns the next line without its end.
func (l *lenientReader) line() (string, bool) {
	line, rest, found := bytes.Cut(l.rest, []byte("\n"))
	if !found {
		return "", false
	}
	l.rest = rest
	return strings.TrimSuffix(string(line), "\r"), true
}

// next returns the next request, or false at the end of what such a server could read.
func (l *lenientReader) next() (request, bool) {
	line, more := l.line()
	for more && line == "" {
		line, more = l.line()
	}
	words := strings.Fields(line)
	if len(words) < 2 {
		return request{}, false
	}
	r := request{method: words[0], target: words[1], header: make(http.Header)}
	last := ""
	for {
		if line, more = l.line(); !more {
			return request{}, false
		}
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if all := r.header[last]; len(all) > 0 {
				all[len(all)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		r.header[last] = append(r.header[last], strings.TrimSpace(value))
	}
	r.host = r.header.Get("Host")
	if strings.HasPrefix(r.target, "/socket") {
		l.rest = nil // what follows is no HTTP
	}
	l.body(r.header)
	return r, true
}

// body skips a body.
func (l *lenientReader) body(h http.Header) {
	length, err := strconv.Atoi(h.Get("Content-Length"))
	hasLength := err == nil && length >= 0
	isChunked := strings.Contains(strings.ToLower(strings.Join(h["Transfer-Encoding"], ",")), "chunked")
	switch {
	case isChunked && !(hasLength && l.lengthFirst):
		l.chunks()
	case hasLength && length <= len(l.rest):
		l.rest = l.rest[length:]
	case hasLength:
		l.rest = nil
	}
}

// chunks skips a chunked body, and all that follows if it is none.
func (l *lenientReader) chunks() {
	for {
		line, more := l.line()
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
		if !more || err != nil || int(n) > len(l.rest) {
			l.rest = nil
			return
		}
		if n == 0 {
			for more && line != "" { // the trailer
				line, more = l.line()
			}
			return
		}
		l.rest = l.rest[n:]
		if _, more = l.line(); !more {
			l.rest = nil
			return
		}
	}
}

// everyReading returns all requests that any such server would find in what a proxy has sent.
func (a *app) everyReading() []request {
	var all []request
	for _, wire := range a.connections() {
		for _, lengthFirst := range []bool{false, true} {
			l := &lenientReader{lengthFirst, wire}
			for {
				r, more := l.next()
				if !more {
					break
				}
				all = append(all, r)
			}
		}
	}
	return all
}
