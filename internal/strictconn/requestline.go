package strictconn

// requestLine reads the request line (RFC 9112, section 3). An empty line before it is refused:
// some readers skip it, and others do not.
func (s *scanner) requestLine(p []byte) (int, error) {
	const versions = "HTTP/1."
	switch s.at {
	case method, target:
		allowed := tokens
		if s.at == target {
			allowed = visibles
		}
		n := allowed.span(p)
		s.wordSize = min(s.wordSize+uint8(min(n, 1)), 1)
		if n == len(p) {
			return n, nil
		}
		if p[n] != ' ' || s.wordSize == 0 {
			return n, errRequestLine
		}
		s.at++
		s.wordSize = 0
		return n + 1, nil
	case version:
		c, size := p[0], int(s.wordSize)
		switch {
		case size < len(versions) && c == versions[size]:
		case size == len(versions) && (c == '0' || c == '1'):
			s.old = c == '0'
		case size > len(versions):
			if err := lineEnds(c, errRequestLine); err != nil {
				return 0, err
			}
			s.at = lineEnd
		default:
			return 0, errRequestLine
		}
		s.wordSize++
		return 1, nil
	default:
		if p[0] != '\n' {
			return 0, errLineEnd
		}
		s.at = fieldStart
		return 1, nil
	}
}

// lineEnds says what is wrong with a byte that should be the CR at the end of a line.
func lineEnds(c byte, otherwise error) error {
	switch c {
	case '\r':
		return nil
	case '\n':
		return errLineEnd
	}
	return otherwise
}
