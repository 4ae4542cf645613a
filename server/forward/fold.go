package forward

import (
	"unicode"
	"unicode/utf8"
)

// foldPrefix returns what follows prefix in s, where letter case makes no difference. It is false where s begins in
// another way.
func foldPrefix(s, prefix string) (rest string, ok bool) {
	for prefix != "" {
		if s == "" {
			return "", false
		}
		a, sizeA := utf8.DecodeRuneInString(s)
		b, sizeB := utf8.DecodeRuneInString(prefix)
		if a != b && fold(a) != fold(b) {
			return "", false
		}
		s, prefix = s[sizeA:], prefix[sizeB:]
	}
	return s, true
}

// fold returns what all letters have in common that somebody may take for the same: those that are the same in
// capitals, in small letters, or after both. So the long s is an s, and each of the four letters i of Turkish is an i.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(unicode.ToUpper(unicode.ToLower(r)))
}
