// Package returnurl says where a login may lead back to. The place is named by a parameter of the
// login page, so anybody can make a link in which it is theirs: whoever follows that link signs in
// at the true site, and is sent on to one that only looks like it (an open redirect).
//
// What counts is where a browser would go, and browsers read more kindly than net/url does: they
// take a backslash for a slash, drop tabs and line feeds, skip spaces in front, and repair hosts
// (https://url.spec.whatwg.org/). So nothing is repaired here, and nothing is judged by what
// net/url makes of it: a [Rules] accepts only what has one reading, and refuses the rest.
package returnurl

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxLength is how many bytes a return URL may have.
const MaxLength = 2 << 10

// Rules say which return URLs are good. They are safe for concurrent use as long as nobody changes
// them.
type Rules struct {
	// Own is what browsers call this server: scheme, host and perhaps a port.
	Own *url.URL

	// Origins are those of other sites to which a login may lead. Each is written as browsers write
	// it: "https://app.example.com", "http://localhost:8080".
	Origins []string
}

// Check returns what is wrong with r. What is wrong never makes Resolve accept more.
func (r Rules) Check() error {
	if r.Own == nil {
		return errors.New("return URLs: no URL of this server")
	}
	if u := r.Own; u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return errors.New("return URLs: of this server's own URL, want nothing but a scheme, a host and a port")
	}
	if _, err := r.own(); err != nil {
		return fmt.Errorf("return URLs: this server's own URL: %w", err)
	}
	for _, origin := range r.Origins {
		canonical, rest, err := SplitOrigin(origin)
		switch {
		case err != nil:
			return fmt.Errorf("return URLs: origin %q: %w", origin, err)
		case rest != "" || canonical != origin:
			return fmt.Errorf("return URLs: origin %q: browsers write %s", origin, canonical)
		}
	}
	return nil
}

// Resolve returns what to put into the Location header to go where raw leads, or false if raw leads
// where no login should, or may be read in more than one way. Good is
//
//   - a path on this server, with a query and a fragment or without: it stays a path, so that whoever came
//     by another name of this server stays there;
//   - a URL whose origin is that of this server or one of Origins.
//
// The result is ASCII. A browser gets from it to the same place as from raw, if it is sent as it is:
// http.Redirect tidies up paths.
func (r Rules) Resolve(raw string) (target string, ok bool) {
	if raw == "" || len(raw) > MaxLength || !isPlain(raw) {
		return "", false
	}
	own, err := r.own()
	if err != nil {
		return "", false
	}
	origin, path := "", raw
	if raw[0] != '/' {
		if origin, path, err = SplitOrigin(raw); err != nil || origin != own && !slices.Contains(r.Origins, origin) {
			return "", false
		}
		if !strings.HasPrefix(path, "/") { // nothing, a query or a fragment
			path = "/" + path
		}
	}
	if !isOnePath(path) {
		return "", false
	}
	target = origin + escape(path)
	if origin == "" {
		origin = own
	}
	if !leadsTo(origin, own, target) {
		return "", false
	}
	return target, true
}

// own returns the origin of this server.
func (r Rules) own() (string, error) {
	if r.Own == nil {
		return "", errNoOrigin
	}
	origin, _, err := SplitOrigin(r.Own.Scheme + "://" + r.Own.Host)
	return origin, err
}

// isPlain reports whether a browser reads raw as it stands: it has no backslash, which would be a
// slash, and no spaces or controls, some of which would be dropped.
func isPlain(raw string) bool {
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c == '\\' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(raw)
}

// isOnePath reports whether a path, with what follows it, begins at the root and stays as it is. Two slashes
// would begin a host. Dot segments, which browsers also find behind percent signs, would be taken
// out, and "/.//host" would leave two slashes to whoever reads it next.
func isOnePath(path string) bool {
	if strings.HasPrefix(path, "//") {
		return false
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	for segment := range strings.SplitSeq(path, "/") {
		if len(segment) > len("%2e%2e") {
			continue
		}
		if s := strings.ReplaceAll(strings.ToLower(segment), "%2e", "."); s == "." || s == ".." {
			return false
		}
	}
	return true
}

// escape writes what is not ASCII as browsers do. All else stays: an escape more or less can make it
// another path.
func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// leadsTo asks a second reader: net/url has to find the same origin in the target, and no host or
// user in a path.
func leadsTo(origin, own, target string) bool {
	base, err := url.Parse(own)
	if err != nil {
		return false
	}
	u, err := base.Parse(target)
	return err == nil && u.User == nil && u.Opaque == "" && u.Scheme+"://"+u.Host == origin
}
