package handstamp

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// isPublic reports whether one of patterns makes u public. A pattern that ends in a star is a
// prefix; any other is a whole path, and a final slash does not matter.
//
// Only a path in canonical spelling can be public. A router may decode, clean or fold what the
// Guard sees ("/public/%2e%2e/admin" reaches the handler of "/public/" with the path
// "/public/../admin"), and whatever two readers may read differently has to be protected.
func isPublic(patterns []string, u *url.URL) bool {
	for _, pattern := range patterns {
		if pattern == "*" {
			return true
		}
		prefix, isPrefix := strings.CutSuffix(pattern, "*")
		var match bool
		if isPrefix {
			match = strings.HasPrefix(u.Path, prefix)
		} else {
			match = withoutSlash(u.Path) == withoutSlash(pattern)
		}
		if match {
			return IsCanonicalPath(u.EscapedPath())
		}
	}
	return false
}

// withoutSlash cuts one final slash, except from "/" itself.
func withoutSlash(path string) string {
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

// IsCanonicalPath reports whether a path, as it stands in a URL ([url.URL.EscapedPath]), is spelled in the
// one way that every reader reads alike, however often it decodes, cleans or folds. Only such a path may be
// public. Whoever else decides by paths has to ask for more where it is false.
//
// Letter case is no matter of spelling: whether "/Admin" is "/admin" only the reader behind knows.
func IsCanonicalPath(escaped string) bool {
	if !strings.HasPrefix(escaped, "/") {
		return false
	}
	before, isASCII := byte(0), true
	for i := 0; i < len(escaped); i++ {
		c := escaped[i]
		switch {
		case c == '/' && (before == '/' || before == '.' || before == ' '):
			// An empty segment, "." and "..", and what Windows takes for the same name.
			return false
		case c == '%':
			var ok bool
			if c, ok = unescape(escaped[i:]); !ok {
				return false
			}
			isASCII = isASCII && c < utf8.RuneSelf
			i += len("%20") - 1
		case !isPlain(c) && !isBracket(c):
			return false
		}
		before = c
	}
	if before == '.' || before == ' ' {
		return false
	}
	if isASCII {
		return true
	}
	decoded, err := url.PathUnescape(escaped)
	return err == nil && utf8.ValidString(decoded)
}

// unescape returns the byte of the escape with which s begins. It is false for what needs no escape, or means
// something when it is decoded too early or too late, and for small digits: those are another spelling.
func unescape(s string) (c byte, ok bool) {
	if len(s) < len("%20") {
		return 0, false
	}
	const digits = "0123456789ABCDEF"
	high, low := strings.IndexByte(digits, s[1]), strings.IndexByte(digits, s[2])
	if high < 0 || low < 0 {
		return 0, false
	}
	c = byte(high<<4 | low)
	isControl := c < ' ' || c == 0x7f
	return c, !isControl && !isPlain(c) && strings.IndexByte(`\;%?#`, c) < 0
}

// isPlain reports whether a byte stands in a path as it is, for browsers and for net/url.
func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("/-._~$&+,=:@", c) >= 0
}

// isBracket reports whether browsers leave a byte as it is, and net/url escapes it. Both are read alike.
func isBracket(c byte) bool { return strings.IndexByte("!'()*", c) >= 0 }
