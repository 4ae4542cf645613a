package proxies_test

import (
	"math/rand/v2"
	"strings"
)

// A generator makes request targets out of what paths are made of, and of what confuses those who
// read them. The same seed makes the same targets.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 5))} }

// Most targets that people send are plain, so every second one is made of these.
var (
	plainParts = []string{"public", "static", "staff", "x", "a.css", "Staff", "publicity", "pay", "v1", "-", "~me"}
	oddParts   = []string{
		"..", ".", "", "%2e%2e", "%2E.", ".%2e", "..;", ";", "..;a=1", "%2f", "..%2f", "%2e%2e%2f", "%5c..", `..\`, `\`, "%252e%252e", "%252f", "...",
		"%73taff", "st%61ff", "%70ublic", "public;", "staff;x", "public%2f", "staff%2fx", "%00", "x%00", "x%3f", "%23", "%20", "..%20", "%c0%ae%c0%ae", "%c0%af",
		"%ef%bc%8e", "%E2%82%AC", "€", "%", "%zz", "x%", "%0d%0a", "%09", "staff.", "public..", "*", "'", "(", "!", "$", "&", "+", ",", "=", ":", "@", "[", "]", "{", "|", "^", "`", `"`, "<", ">",
		"login", "assets", "verify", "con", "a b",
	}
	ends = []string{"", "", "", "", "/", "?", "?a=b", "?a=/../staff/x", "?x#y", "#", "#/public/x", ";", "?a?b", "/.", "/..", "//", "%2f"}
)

// plain is a target that everybody reads alike.
func (g generator) plain() string {
	var b strings.Builder
	for range 1 + g.IntN(4) {
		b.WriteString("/" + plainParts[g.IntN(len(plainParts))])
	}
	if g.IntN(3) == 0 {
		b.WriteString("/")
	}
	if g.IntN(4) == 0 {
		b.WriteString("?page=2")
	}
	return b.String()
}

func (g generator) odd() string {
	var b strings.Builder
	if g.IntN(4) > 0 { // the rule that the rest may lead away from
		b.WriteString("/" + plainParts[g.IntN(3)])
	}
	for range 1 + g.IntN(4) {
		part := oddParts[g.IntN(len(oddParts))]
		if g.IntN(2) == 0 {
			part = plainParts[g.IntN(4)]
		}
		if g.IntN(12) == 0 {
			part = g.escape(part)
		}
		b.WriteString("/" + part)
	}
	return b.String() + ends[g.IntN(len(ends))]
}

// escape writes some bytes as escapes.
func (g generator) escape(s string) string {
	const digits = "0123456789abcdefABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if g.IntN(3) == 0 && s[i] < 0x80 {
			b.WriteString("%" + digits[s[i]>>4:s[i]>>4+1] + digits[s[i]&15:s[i]&15+1])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// target is the next one, without blanks that would end it.
func (g generator) target() string {
	if g.IntN(2) == 0 {
		return g.plain()
	}
	return strings.ReplaceAll(g.odd(), " ", "%20")
}
