package ecslog

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

const (
	// maxValue is how many bytes of a value are written.
	maxValue = 512

	// maxStack is how many bytes of a stack trace are written, which no stranger chooses.
	maxStack = 16 << 10
)

func limitOf(key string) int {
	if key == "error.stack_trace" {
		return maxStack
	}
	return maxValue
}

// appendCut writes s for the inside of a JSON string, and says so where it is cut.
func appendCut(text []byte, s string, limit int) []byte {
	if len(s) <= limit {
		return appendEscaped(text, s)
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	text = appendEscaped(text, s[:end])
	text = append(text, "… ("...)
	text = strconv.AppendInt(text, int64(len(s)), 10)
	return append(text, " bytes)"...)
}

// isPlain tells of each byte whether it stands for itself, wherever it is shown.
var isPlain = func() (plain [256]bool) {
	for c := ' '; c <= '~'; c++ {
		plain[c] = c != '"' && c != '\\' && c != '$'
	}
	return plain
}()

// appendEscaped writes s for the inside of a JSON string.
func appendEscaped(text []byte, s string) []byte {
	done := 0 // how much of s is written
	for i := 0; i < len(s); {
		if isPlain[s[i]] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '$' && (i+1 == len(s) || s[i+1] != '{'), r >= utf8.RuneSelf && size > 1 && unicode.IsPrint(r):
			i += size
			continue
		}
		text = append(text, s[done:i]...)
		text = appendRune(text, r)
		i += size
		done = i
	}
	return append(text, s[done:]...)
}

const hex = "0123456789abcdef"

// appendRune writes a character that must not be seen as what it is.
func appendRune(text []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(text, '\\', byte(r))
	case '\n':
		return append(text, '\\', 'n')
	case '\r':
		return append(text, '\\', 'r')
	case '\t':
		return append(text, '\\', 't')
	}
	if r > 0xffff { // in JSON a surrogate pair (RFC 8259, section 7)
		r -= 0x1_0000
		text = appendRune(text, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(text, '\\', 'u', hex[r>>12&0xf], hex[r>>8&0xf], hex[r>>4&0xf], hex[r&0xf])
}
