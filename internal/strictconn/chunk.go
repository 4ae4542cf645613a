package strictconn

// maxDigits is how many digits the size of a chunk may have, so that it fits into an int64.
const maxDigits = 15

// chunkFrame reads what stands around the data of chunks (RFC 9112, section 7.1).
func (s *scanner) chunkFrame(p []byte) (int, error) {
	c := p[0]
	switch s.at {
	case chunkSize:
		switch {
		case hexes[c]:
			if s.digits++; s.digits > maxDigits {
				return 0, errChunk
			}
			s.length = s.length<<4 | int64(hexValue(c))
		case s.digits == 0:
			return 0, errChunk
		case c == ';':
			s.at = chunkExtension
		case c == '\r':
			s.at = chunkLineEnd
		default:
			return 0, lineEnds(c, errChunk)
		}
		return 1, nil
	case chunkExtension:
		n := valueSpan(p)
		if n == len(p) {
			return n, nil
		}
		if err := lineEnds(p[n], errChunk); err != nil {
			return n, err
		}
		s.at = chunkLineEnd
		return n + 1, nil
	case chunkLineEnd:
		if c != '\n' {
			return 0, errLineEnd
		}
		if s.length > 0 {
			s.at = chunk
		} else {
			s.at, s.trailer = fieldStart, true
		}
		return 1, nil
	case chunkCR:
		if c != '\r' {
			return 0, errChunk
		}
		s.at = chunkLF
		return 1, nil
	default:
		if c != '\n' {
			return 0, errChunk
		}
		s.at = chunkSize
		s.digits, s.length = 0, 0
		return 1, nil
	}
}

// hexValue returns the value of a hexadecimal digit.
func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}
