package strictconn

import "bytes"

// A field is a header field that decides about the framing.
type field uint8

const (
	otherField field = iota
	contentLength
	transferEncoding
)

// keep adds p to the word.
func (s *scanner) keep(p []byte) {
	n := copy(s.word[min(int(s.wordSize), len(s.word)):], p)
	s.wordSize += uint8(n)
	if n < len(p) {
		s.wordSize = uint8(len(s.word)) + 1
	}
}

// kept returns the word, or nothing if it did not fit.
func (s *scanner) kept() []byte {
	if int(s.wordSize) > len(s.word) {
		return nil
	}
	return s.word[:s.wordSize]
}

// named says which field the word names.
func (s *scanner) named() field {
	switch word := s.kept(); {
	case equalFold(word, "content-length"):
		return contentLength
	case equalFold(word, "transfer-encoding"):
		return transferEncoding
	}
	return otherField
}

// equalFold compares ASCII without regard to case; lower has letters and hyphens only.
func equalFold(word []byte, lower string) bool {
	if len(word) != len(lower) {
		return false
	}
	for i, c := range word {
		if isLetter(c) {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// judge looks at a field at the end of its line.
func (s *scanner) judge() error {
	if s.field == otherField {
		return nil
	}
	if s.trailer {
		return errTrailer
	}
	again := s.seen[s.field]
	s.seen[s.field] = true
	word := bytes.Trim(s.kept(), " \t")
	if s.field == transferEncoding {
		if again || s.old || !equalFold(word, "chunked") {
			return errCoding
		}
		return nil
	}
	if again || len(word) == 0 || len(word) > 18 { // 18 digits fit into an int64
		return errLength
	}
	s.length = 0
	for _, c := range word {
		if !isDigit(c) {
			return errLength
		}
		s.length = s.length*10 + int64(c-'0')
	}
	return nil
}
