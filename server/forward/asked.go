package forward

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/returnurl"
)

// An Asked is a request as the browser sent it to the proxy. All of it was chosen by a stranger.
type Asked struct {
	Method string // such as "GET"
	Scheme string // "http" or "https"
	Host   string // as the browser sent it, with a port or without
	URI    string // path and query, in the very spelling in which they were sent
}

// ErrAsked means that the request which a proxy asks about cannot be read, so that nobody knows what it is about (400).
// The errors that wrap it say why, and repeat nothing of the request.
var ErrAsked = errors.New("the original request cannot be read")

const (
	maxMethod = 32      // bytes
	maxHost   = 260     // bytes: a name of 253, and a port
	maxURI    = 8 << 10 // bytes, as for our own
)

func unreadable(why string) error { return fmt.Errorf("%w: %s", ErrAsked, why) }

// What is wrong with what was asked for.
var (
	errMethod  = unreadable("its method is no word, or too long")
	errScheme  = unreadable("its scheme is neither http nor https")
	errHost    = unreadable("its host is none")
	errURI     = unreadable("its URI does not begin with a slash, or is too long")
	errBytes   = unreadable("its URI has control characters, blanks, # or bytes that are not UTF-8")
	errPercent = unreadable("its path has a percent sign that escapes nothing")
)

// A target is what an Asked is about, once it was found to be readable.
type target struct {
	origin  string // as browsers write it (RFC 6454)
	host    string // that of origin
	port    string // of the connection, the scheme's own if none was sent
	path    string // decoded where it is canonical
	exact   bool   // the path is spelled as every reader reads it
	anyPort bool   // none was sent: many proxies say the name alone, whatever the port
}

// read returns what a is about. Its errors wrap ErrAsked.
func (a Asked) read() (target, error) {
	switch {
	case a.Method == "" || len(a.Method) > maxMethod || strings.ContainsFunc(a.Method, isNoToken):
		return target{}, errMethod
	case a.Scheme != "http" && a.Scheme != "https":
		return target{}, errScheme
	}
	var t target
	if err := t.readHost(a.Scheme, a.Host); err != nil {
		return target{}, err
	}
	if err := t.readURI(a.URI); err != nil {
		return target{}, err
	}
	return t, nil
}

// isNoToken reports whether a character may not stand in a method (RFC 9110, section 5.6.2).
func isNoToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

func (t *target) readHost(scheme, sent string) error {
	if sent == "" || len(sent) > maxHost {
		return errHost
	}
	origin, rest, err := returnurl.SplitOrigin(scheme + "://" + withoutDot(sent))
	if err != nil || rest != "" {
		return errHost
	}
	t.origin = origin
	t.host, t.port = splitPort(origin[len(scheme)+len("://"):])
	if t.port == "" {
		t.port = ownPort(scheme)
		_, sentPort := splitPort(withoutDot(sent))
		t.anyPort = sentPort == ""
	}
	return nil
}

// ownPort returns the port of a scheme for which browsers write none.
func ownPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// withoutDot cuts the dot that makes a name a full one (RFC 1034, section 3.1): to a proxy it is the same name.
func withoutDot(host string) string {
	name, _ := splitPort(host)
	if short, ok := strings.CutSuffix(name, "."); ok {
		return short + host[len(name):]
	}
	return host
}

// splitPort returns the two parts of a host; port is "" where there is none.
func splitPort(host string) (name, port string) {
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		return host[:colon], host[colon+1:]
	}
	return host, ""
}

func (t *target) readURI(uri string) error {
	if !strings.HasPrefix(uri, "/") || len(uri) > maxURI {
		return errURI
	}
	for i := range len(uri) {
		if c := uri[i]; c <= ' ' || c == 0x7f || c == '#' {
			return errBytes
		}
	}
	if !utf8.ValidString(uri) {
		return errBytes
	}
	path, _, _ := strings.Cut(uri, "?")
	decoded, err := url.PathUnescape(path) // without a percent sign it is path itself
	if err != nil {
		return errPercent
	}
	t.path, t.exact = decoded, handstamp.IsCanonicalPath(path)
	return nil
}
