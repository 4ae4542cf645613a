package strictconn

import (
	"encoding/binary"
	"errors"
)

// Why a request is refused. Sections are of RFC 9112, unless said otherwise.
var (
	errRequestLine = errors.New("request line is not method, target and HTTP/1.0 or HTTP/1.1, with one space between") // 3
	errLineEnd     = errors.New("a line does not end with CR LF")                                                      // 2.2
	errName        = errors.New("header field name is not a token before a colon")                                     // 5.1
	errFolded      = errors.New("header line is folded")                                                               // 5.2
	errValue       = errors.New("control character in a header field")                                                 // RFC 9110, 5.5
	errLength      = errors.New("Content-Length is not one decimal number")                                            // 6.3
	errCoding      = errors.New("Transfer-Encoding is not exactly one chunked, of HTTP/1.1")                           // 6.1
	errBoth        = errors.New("both Transfer-Encoding and Content-Length")                                           // 6.3
	errChunk       = errors.New("chunk is malformed")                                                                  // 7.1
	errTrailer     = errors.New("trailer field would change where the body ends")                                      // 6.5
)

// Sets of bytes.
type set [256]bool

var (
	tokens   = newSet(func(c byte) bool { return isLetter(c) || isDigit(c) || isMark(c) }) // RFC 9110, 5.6.2
	visibles = newSet(func(c byte) bool { return 0x21 <= c && c <= 0x7e })                 // of a request target
	values   = newSet(func(c byte) bool { return c == '\t' || c >= 0x20 && c != 0x7f })    // RFC 9110, 5.5
	hexes    = newSet(func(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' })
)

func newSet(has func(c byte) bool) *set {
	var s set
	for c := range s {
		s[c] = has(byte(c))
	}
	return &s
}

// span returns how many bytes at the beginning of p are in s.
func (s *set) span(p []byte) int {
	for i, c := range p {
		if !s[c] {
			return i
		}
	}
	return len(p)
}

// valueSpan is span for values, eight bytes at a time: they are most of a head.
func valueSpan(p []byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(p); i += 8 {
		eight := binary.LittleEndian.Uint64(p[i:])
		flipped := eight ^ 0x7f*ones
		control := (eight - 0x20*ones) &^ eight & tops // not 0 if any byte is below 0x20
		del := (flipped - ones) &^ flipped & tops      // not 0 if any byte is 0x7f
		if control|del != 0 {
			break // at the end of the line, or at a tab
		}
	}
	return i + values.span(p[i:])
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isMark(c byte) bool {
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~':
		return true
	}
	return false
}
