package server

import (
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// classicJSON sets compact JSON as the founding API did: two blanks for each level, a blank after
// every comma, also at the end of a line, and nothing but ASCII. It ends with a newline. Members
// are left in the order in which they come. The value is an object or an array.
type classicJSON struct {
	out      io.Writer
	line     []byte // what was set and not written yet
	depth    int
	opened   bool // the object or array just began, and is empty so far
	inString bool
	escaped  bool // behind a backslash
}

// Write implements [io.Writer]. No write may end inside of a character.
func (j *classicJSON) Write(p []byte) (int, error) {
	j.line = slices.Grow(j.line[:0], len(p)+len(p)/2)
	for rest := p; len(rest) > 0; {
		if plain := j.plain(rest); plain > 0 {
			j.line = append(j.line, rest[:plain]...)
			rest = rest[plain:]
			continue
		}
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		if j.inString {
			j.text(r)
		} else {
			j.token(r)
		}
	}
	if _, err := j.out.Write(j.line); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plain returns how many bytes at the beginning of p are text that stays as it is.
func (j *classicJSON) plain(p []byte) int {
	if !j.inString || j.escaped {
		return 0
	}
	for i, c := range p {
		if c == '"' || c == '\\' || c >= 0x7f {
			return i
		}
	}
	return len(p)
}

// text sets one character of a string.
func (j *classicJSON) text(r rune) {
	switch {
	case j.escaped:
		j.escaped = false
	case r == '\\':
		j.escaped = true
	case r == '"':
		j.inString = false
	}
	switch {
	case r < 0x7f: // the last of ASCII, DEL, was escaped, too
		j.line = append(j.line, byte(r))
	case r < 0x10000:
		j.escape(r)
	default: // as two halves of a surrogate pair (RFC 8259, section 7)
		j.escape(0xd800 + (r-0x10000)>>10)
		j.escape(0xdc00 + (r-0x10000)&0x3ff)
	}
}

func (j *classicJSON) escape(r rune) {
	j.line = append(j.line, `\u`...)
	for zeros := r; zeros < 0x1000; zeros <<= 4 {
		j.line = append(j.line, '0')
	}
	j.line = strconv.AppendInt(j.line, int64(r), 16)
}

// token sets one character outside of strings.
func (j *classicJSON) token(r rune) {
	switch r {
	case ' ', '\n', '\t', '\r':
		return
	case '}', ']':
		j.depth--
		if !j.opened {
			j.newline()
		}
		j.opened = false
		j.line = append(j.line, byte(r))
		if j.depth == 0 {
			j.line = append(j.line, '\n')
		}
		return
	case ',':
		j.line = append(j.line, ", "...)
		j.newline()
		return
	case ':':
		j.line = append(j.line, ": "...)
		return
	}
	if j.opened {
		j.newline()
		j.opened = false
	}
	j.line = append(j.line, byte(r))
	switch r {
	case '"':
		j.inString = true
	case '{', '[':
		j.depth++
		j.opened = true
	}
}

func (j *classicJSON) newline() {
	j.line = append(j.line, '\n')
	for range j.depth {
		j.line = append(j.line, "  "...)
	}
}
