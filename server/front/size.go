package front

import (
	"net/http"
	"net/textproto"
	"strings"
)

const (
	maxTarget  = 8 << 10  // bytes of the request's target
	maxHead    = 16 << 10 // bytes of all header lines
	maxLines   = 100      // header lines
	maxCookies = 50       // pairs; from a few thousand on net/http reads none, and says nothing
)

var (
	targetTooLong = &refusal{http.StatusRequestURITooLong, "uri_too_long", "The URL is too long"}
	headTooLarge  = &refusal{
		http.StatusRequestHeaderFieldsTooLarge, "header_too_large", "The request's header is too large",
	}
	tooManyCookies = &refusal{
		http.StatusRequestHeaderFieldsTooLarge, "cookies_too_large",
		"The request's cookies are too many or too large: delete the cookies of this site",
	}
	twoCredentials = &refusal{
		http.StatusBadRequest, "ambiguous_credentials", "The request has more than one Authorization header",
	}
)

// judgeSize refuses what is too large, rather than reading a part of it: a request of which the
// cookies are not read would look as if nobody had signed in. It also counts what may be there once.
func (f *front) judgeSize(r *http.Request) *refusal {
	if len(r.RequestURI) > maxTarget {
		return targetTooLong
	}
	const around = len(": \r\n")
	lines, size, ofCookies := 1, len("Host")+around+len(r.Host), 0 // net/http has put Host elsewhere
	for name, values := range r.Header {
		lines += len(values)
		for _, value := range values {
			size += len(name) + around + len(value)
			if name == "Cookie" {
				ofCookies += len(value)
			}
		}
	}
	pairs, sessions := countCookies(r.Header["Cookie"], f.SessionCookie)
	switch {
	case pairs > maxCookies || size > maxHead && size-ofCookies <= maxHead:
		return tooManyCookies
	case lines > maxLines || size > maxHead:
		return headTooLarge
	case len(r.Header["Authorization"]) > 1:
		return twoCredentials
	case sessions > 1 && f.Ambiguous != nil:
		f.Ambiguous(r)
	}
	return nil
}

// countCookies counts the pairs in lines, and those that have this very name.
func countCookies(lines []string, name string) (all, named int) {
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			all++
			key, _, isPair := strings.Cut(pair, "=")
			if isPair && textproto.TrimString(key) == name {
				named++
			}
		}
	}
	return all, named
}
