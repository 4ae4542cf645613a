package proxies_test

import (
	"net/url"
	"path"
	"strings"
)

// An access is what a rule wants of those who ask.
type access int

const (
	public access = iota
	signedIn
	admin
)

// allows reports whether p may ask for what a rule of this access stands before.
func (a access) allows(p person) bool {
	return a == public || p.id != "" && (a == signedIn || p.role == "admin")
}

// accessOf is what rules say about a path in its plain spelling.
func accessOf(path string) access {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "public", "static":
		return public
	case "staff":
		return admin
	}
	return signedIn
}

// readings are the paths that apps may find in the target of a request: as it was written, without its
// escapes, tidied up, and what servers of several kinds make of it.
func readings(target string) []string {
	raw, _, _ := strings.Cut(target, "?")
	found := map[string]bool{}
	add := func(spelling string) {
		for _, s := range []string{spelling, strings.ReplaceAll(spelling, `\`, "/")} {
			s = "/" + strings.TrimLeft(s, "/")
			found[s], found[clean(s)] = true, true
		}
	}
	withoutFragment, _, _ := strings.Cut(raw, "#")
	for _, start := range []string{raw, withoutFragment, afterAuthority(raw)} {
		add(start)
		add(withoutParameters(start))
		once := unescape(start)
		add(once)
		add(withoutParameters(once))
		add(unescape(withoutParameters(start)))
		add(unescape(once))
		beforeNUL, _, _ := strings.Cut(once, "\x00")
		add(beforeNUL)
		beforeQuery, _, _ := strings.Cut(once, "?")
		add(beforeQuery)
		beforeHash, _, _ := strings.Cut(once, "#")
		add(beforeHash)
		add(unescape(clean("/" + start)))
		add(strings.NewReplacer("\xc0\xaf", "/", "\xc0\xae", ".", "\xe0\x80\xaf", "/").Replace(once))
	}
	var all []string
	for s := range found {
		all = append(all, s)
	}
	return all
}

// clean takes out dot segments and empty ones, and keeps the slash at the end.
func clean(s string) string {
	cleaned := path.Clean(s)
	if cleaned != "/" && (strings.HasSuffix(s, "/") || strings.HasSuffix(s, "/.") || strings.HasSuffix(s, "/..")) {
		cleaned += "/"
	}
	return cleaned
}

// strictest is the strictest rule that any reading of a target is under. To pass for public, all
// readings have to be.
func strictest(target string) access {
	worst := public
	for _, reading := range readings(target) {
		worst = max(worst, accessOf(reading))
	}
	return worst
}

// unescape takes out the escapes that are some, and leaves the others.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// withoutParameters is what servlet containers read: nothing from a semicolon to the end of its segment.
func withoutParameters(s string) string {
	segments := strings.Split(s, "/")
	for i, segment := range segments {
		segments[i], _, _ = strings.Cut(segment, ";")
	}
	return strings.Join(segments, "/")
}

// afterAuthority is the path of a target that is a URL.
func afterAuthority(s string) string {
	_, rest, isURL := strings.Cut(s, "://")
	if !isURL || strings.HasPrefix(s, "/") {
		return s
	}
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		return rest[slash:]
	}
	return "/"
}
