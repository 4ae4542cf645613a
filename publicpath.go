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
			return isCanonical(u)
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

// isCanonical reports whether u spells its path in the one way that every reader reads alike.
func isCanonical(u *url.URL) bool {
	// RawPath is empty unless the client escaped what needs no escape, or a slash.
	if u.RawPath != "" || !strings.HasPrefix(u.Path, "/") || !utf8.ValidString(u.Path) {
		return false
	}
	for i := range len(u.Path) {
		switch c := u.Path[i]; {
		case c < 0x20, c == 0x7f:
			return false
		case c == '\\', c == ';', c == '%', c == '?', c == '#':
			return false
		case c == '/' && i > 0:
			// An empty segment, "." and "..", and what Windows takes for the same name.
			if before := u.Path[i-1]; before == '/' || before == '.' || before == ' ' {
				return false
			}
		}
	}
	last := u.Path[len(u.Path)-1]
	return last != '.' && last != ' '
}
