package gate

import (
	"net/http"
	"net/url"
	"strings"
)

// targetOf returns the path and query of a request, in the bytes in which they came. It is false for a target that is
// neither a path nor a URL (RFC 9112, sections 3.2.1 and 3.2.2).
func targetOf(r *http.Request) (string, bool) {
	raw := r.RequestURI
	if strings.HasPrefix(raw, "/") {
		return raw, true
	}
	_, rest, isURL := strings.Cut(raw, "://")
	if !isURL || r.URL.Host == "" {
		return "", false
	}
	at := strings.IndexAny(rest, "/?") // behind the host
	switch {
	case at < 0:
		return "/", true
	case rest[at] == '?':
		return "/" + rest[at:], true
	}
	return rest[at:], true
}

// urlOf returns the URL under which the app is asked for target, and whether the app is going to find the same bytes in
// the request line. Go writes a path anew that it has read, unless it takes it for opaque.
func (u *Upstream) urlOf(target string) (*url.URL, bool) {
	out := &url.URL{Scheme: u.scheme, Host: u.host, Opaque: target}
	if strings.HasPrefix(target, "//") { // of which, if it is opaque, Go makes a host
		path, query, hasQuery := strings.Cut(target, "?")
		plain, err := url.PathUnescape(path)
		if err != nil {
			return nil, false
		}
		out = &url.URL{
			Scheme: u.scheme, Host: u.host, Path: plain, RawPath: path, RawQuery: query, ForceQuery: hasQuery && query == "",
		}
	}
	return out, out.RequestURI() == target
}
