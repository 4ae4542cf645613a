package strictconn

// A place is where in a request the next byte stands.
type place uint8

const (
	start place = iota // the first byte of a request
	method
	target
	version
	lineEnd    // the LF of the request line
	fieldStart // the first byte of a header line, or the CR of the empty one
	name
	value
	fieldEnd // the LF of a header line
	headEnd  // the LF of the empty line
	body
	chunkSize
	chunkExtension
	chunkLineEnd // the LF of a chunk's first line
	chunk
	chunkCR // what follows a chunk
	chunkLF
)

// A scanner follows the framing of requests, byte by byte. Its zero value is before the first.
type scanner struct {
	at       place
	trailer  bool    // the header lines are those of a trailer
	old      bool    // HTTP/1.0
	field    field   // whose value is being read
	seen     [3]bool // the fields that were there
	digits   uint8   // of the chunk's size
	length   int64   // bytes of the body or of the chunk that are still to come
	wordSize uint8   // of word; more than it holds if it did not fit
	word     [20]byte
}

// scan follows p and returns how many of its bytes are good; the error says what is wrong with
// the next one.
func (s *scanner) scan(p []byte) (int, error) {
	for i := 0; i < len(p); {
		n, err := s.step(p[i:])
		i += n
		if err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// inHead reports whether what comes next belongs to the head of a request.
func (s *scanner) inHead() bool { return s.at <= headEnd && !s.trailer }

// step takes at least one byte of p, unless it is wrong.
func (s *scanner) step(p []byte) (int, error) {
	c := p[0]
	switch s.at {
	case start:
		*s = scanner{at: method}
		fallthrough
	case method, target, version, lineEnd:
		return s.requestLine(p)
	case fieldStart:
		s.wordSize = 0
		switch {
		case c == '\r':
			s.at = headEnd
			return 1, nil
		case c == ' ' || c == '\t':
			return 0, errFolded
		case c == '\n':
			return 0, errLineEnd
		}
		s.at = name
		if !tokens[c] {
			return 0, errName
		}
		fallthrough
	case name:
		n := tokens.span(p)
		s.keep(p[:n])
		if n == len(p) {
			return n, nil
		}
		if p[n] != ':' {
			return n, errName
		}
		s.field, s.wordSize, s.at = s.named(), 0, value
		return n + 1, nil
	case value:
		n := valueSpan(p)
		if s.field != otherField {
			s.keep(p[:n])
		}
		if n == len(p) {
			return n, nil
		}
		if err := lineEnds(p[n], errValue); err != nil {
			return n, err
		}
		s.at = fieldEnd
		return n + 1, nil
	case fieldEnd:
		if c != '\n' {
			return 0, errLineEnd
		}
		s.at = fieldStart
		return 1, s.judge()
	case headEnd:
		return s.endHead(c)
	case body, chunk:
		n := min(int64(len(p)), s.length)
		if s.length -= n; s.length == 0 {
			if s.at == body {
				s.at = start
			} else {
				s.at = chunkCR
			}
		}
		return int(n), nil
	default:
		return s.chunkFrame(p)
	}
}

// endHead says what follows the head or the trailer.
func (s *scanner) endHead(c byte) (int, error) {
	switch {
	case c != '\n':
		return 0, errLineEnd
	case s.seen[contentLength] && s.seen[transferEncoding]:
		return 0, errBoth
	case s.trailer:
		s.at = start
	case s.seen[transferEncoding]:
		s.at = chunkSize
		s.digits, s.length = 0, 0
	case s.length > 0:
		s.at = body
	default:
		s.at = start
	}
	return 1, nil
}
