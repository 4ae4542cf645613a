package forward_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/forward"
)

// readings returns what a path means to those behind who do with it any of: decode it (once more), merge slashes and
// take out dots as nginx and ServeMux do, take backslashes for slashes, cut parameters off, stop where a C string or a
// query would, and drop final dots and blanks.
func readings(path string, isDecoded bool) []string {
	found := []string{path}
	for _, reading := range []func(string) string{
		func(s string) string {
			if isDecoded {
				return decode(s)
			}
			return s
		},
		func(s string) string { return strings.ReplaceAll(s, `\`, "/") },
		func(s string) string { return eachSegment(s, func(part string) string { return before(part, ";") }) },
		func(s string) string { return before(before(before(s, "\x00"), "?"), "#") },
		func(s string) string {
			return eachSegment(s, func(part string) string {
				if part == "." || part == ".." {
					return part
				}
				return strings.TrimRight(part, ". ")
			})
		},
		clean,
	} {
		for _, s := range found {
			if again := reading(s); !slices.Contains(found, again) {
				found = append(found, again)
			}
		}
	}
	return found
}

func decode(s string) string {
	if again, err := url.PathUnescape(s); err == nil {
		return again
	}
	return s
}

// clean keeps a final slash.
func clean(s string) string {
	cleaned := path.Clean("/" + s)
	if strings.HasSuffix(s, "/") && cleaned != "/" {
		cleaned += "/"
	}
	return cleaned
}

func eachSegment(s string, change func(string) string) string {
	parts := strings.Split(s, "/")
	for i := range parts {
		parts[i] = change(parts[i])
	}
	return strings.Join(parts, "/")
}

func before(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return s
}

// A line is a rule as somebody reads it who knows nothing of spellings.
type line struct{ host, path, access string }

func (l line) text() string { return l.host + l.path + " " + l.access }

// fold is for those who take no notice of letter case.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// holds is the plainest reading of a rule.
func (l line) holds(host, path string, folded bool) bool {
	pattern := l.path
	if folded {
		pattern, path = fold(pattern), fold(path)
	}
	if l.host != "*" && l.host != host {
		return false
	}
	if tree, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path == tree || strings.HasPrefix(path, tree+"/")
	}
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return path == pattern || path == pattern+"/"
}

// accessOf returns what the plainest reading asks for.
func accessOf(lines []line, host, path string, folded bool) string {
	for _, l := range lines {
		if l.holds(host, path, folded) {
			return l.access
		}
	}
	return "signed-in"
}

// A person is who asks, and which access they have.
type person struct {
	who  handstamp.Identity
	may  []string
	name string
}

var people = []person{
	{handstamp.Identity{}, []string{"public"}, "a stranger"},
	{handstamp.Identity{UserID: handstamp.NewID(), Role: "user"}, []string{"public", "signed-in"}, "a user"},
	{handstamp.Identity{UserID: handstamp.NewID(), Role: "user", ProvedAt: time.Now()}, []string{"public", "signed-in", "fresh"}, "a user, just signed in"},
	{handstamp.Identity{UserID: handstamp.NewID(), Role: "admin"}, []string{"public", "signed-in", "role=admin"}, "an administrator"},
	{
		handstamp.Identity{UserID: handstamp.NewID(), Role: "admin", ProvedAt: time.Now()},
		[]string{"public", "signed-in", "fresh", "role=admin", "role=admin fresh"},
		"an administrator, just signed in",
	},
}

var (
	hosts    = rapid.SampledFrom([]string{"a.test", "b.test", "*"})
	accesses = rapid.SampledFrom([]string{"public", "signed-in", "fresh", "role=admin", "role=admin fresh"})
	parts    = rapid.SampledFrom([]string{"admin", "Admin", "public", "x", "y.css", "a b", "\u00fc"})
	ends     = rapid.SampledFrom([]string{"", "/*", "*"})

	// pieces are what targets are made of.
	pieces = rapid.SampledFrom([]string{
		"admin", "ADMIN", "Admin", "public", "x", "y.css", "/", "/", "/", "//", "/.", "/..", "/../", "..", ".", ";", ";x=1", "..;", "%2e", "%2E%2e", "%2f", "%2F", "%5c", `\`, "%00",
		"%20", "%3f", "%23", "%252e", "%252f", "%61", "%41dmin", "%c0%ae", "%3b", "%C3%BC", "%c3%bc", "%", "%zz", "?", "?/../admin", "#", " ", "a%20b", "%C4%B1", "adm%C4%B1n", "~", "(", "*",
	})
)

// targets are some that are spelled as usual, and some that are not.
var targets = rapid.OneOf(
	rapid.Map(rapid.SliceOfN(pieces, 0, 6), func(p []string) string { return "/" + strings.Join(p, "") }),
	rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"admin", "Admin", "public", "x", "y.css", "a%20b", "z"}), 0, 3), func(p []string) string {
		return "/" + strings.Join(p, "/")
	}),
)

func drawLines(t *rapid.T) []line {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) line {
		names := rapid.SliceOfN(parts, 1, 2).Draw(t, "names")
		return line{hosts.Draw(t, "host"), "/" + strings.Join(names, "/") + ends.Draw(t, "end"), accesses.Draw(t, "access")}
	}), 0, 5).Draw(t, "rules")
}

// TestNoReadingIsStricter: for whatever rules and whatever target, nobody who passes would have been refused had the
// target been read in any other way. A target in the usual spelling is judged exactly as the plainest reading says.
func TestNoReadingIsStricter(t *testing.T) {
	passed := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		var lines []line
		var texts []string
		var rules *forward.Rules
		for _, l := range drawLines(t) {
			l.path = strings.ReplaceAll((&url.URL{Path: l.path}).EscapedPath(), "%2A", "*")
			parsed, err := forward.ParseRules(append(slices.Clone(texts), l.text()))
			if err != nil {
				continue // it can never count
			}
			rules, texts = parsed, append(texts, l.text())
			lines = append(lines, l)
		}
		host := rapid.SampledFrom([]string{"a.test", "b.test", "c.test"}).Draw(t, "asked host")
		for _, uri := range rapid.SliceOfN(targets, 1, 20).Draw(t, "targets") {
			for _, p := range people {
				if checkTarget(t, rules, lines, host, uri, p) {
					passed[p.name]++
				}
			}
		}
	})
	for _, p := range people {
		if passed[p.name] == 0 {
			t.Errorf("%s has never passed: the test says nothing", p.name)
		}
	}
}

// checkTarget reports whether p has passed.
func checkTarget(t *rapid.T, rules *forward.Rules, lines []line, host, uri string, p person) bool {
	judge, err := forward.New(forward.Config{Rules: rules, FreshFor: time.Hour, Identify: func(*http.Request) (handstamp.Identity, error) {
		if p.who.IsZero() {
			return p.who, handstamp.ErrNoCredential
		}
		return p.who, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := forward.Asked{Method: "GET", Scheme: "https", Host: host, URI: uri}
	passes := judge.Decide(httptest.NewRequest("GET", "/", nil), a).Status == http.StatusOK
	raw, _, _ := strings.Cut(uri, "?")
	var decodedLines []line
	for _, l := range lines {
		l.path = decode(l.path)
		decodedLines = append(decodedLines, l)
	}
	if passes {
		mayRead := func(lines []line, readings []string) {
			for _, reading := range readings {
				for _, folded := range []bool{false, true} {
					if needed := accessOf(lines, host, reading, folded); !slices.Contains(p.may, needed) {
						t.Fatalf("%q on %s was given to %s, and can be read as %q, which is %s", uri, host, p.name, reading, needed)
					}
				}
			}
		}
		mayRead(lines, readings(raw, false)) // as it stands, which is how rules are written, too
		mayRead(decodedLines, readings(decode(raw), true))
	}
	if isUsual(uri) {
		want := slices.Contains(p.may, accessOf(lines, host, raw, false))
		if strings.ToLower(raw) != raw || hasCapitals(lines) {
			want = want && passes // letter case may ask for more
		}
		if passes != want {
			t.Fatalf("%q on %s for %s: passes %v", uri, host, p.name, passes)
		}
	}
	return passes
}

// isUsual reports whether a target is made of plain names only.
func isUsual(uri string) bool {
	return !strings.ContainsAny(uri, `%;\#? `) && clean(uri) == uri && !strings.Contains(uri, "..") &&
		eachSegment(uri, func(part string) string { return strings.TrimRight(part, ".") }) == uri
}

func hasCapitals(lines []line) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return strings.ToLower(l.path) != l.path })
}
