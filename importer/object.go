package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxMember is how many bytes one member of the outermost object may take, so that memory does
// not depend on what the file says. How deep it may nest is bounded by encoding/json.
const maxMember = 1 << 20

const halfWritten = "the file looks half-written; the founding server rewrites it at the next save"

var byteOrderMark = []byte("\xef\xbb\xbf")

// eachMember reads one JSON object and calls visit for each of its members, in order; the value
// is valid until visit returns. What visit returns ends the reading and comes back as it is.
func eachMember(r io.Reader, visit func(key string, value json.RawMessage) error) error {
	buffered := bufio.NewReaderSize(r, 64<<10)
	in := &source{r: buffered, max: maxFile}
	if start, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = buffered.Discard(len(byteOrderMark))
		in.base = int64(len(byteOrderMark))
	}
	dec := json.NewDecoder(in)
	dec.UseNumber() // no number is too large to be told from an object

	in.limit = maxMember
	switch first, err := dec.Token(); {
	case err != nil:
		return in.explain(dec, err, "")
	case first != json.Delim('{'):
		return malformed(in.base, "the outermost value is not an object")
	}
	for {
		in.limit = dec.InputOffset() + maxMember
		if !dec.More() {
			break
		}
		key, err := dec.Token()
		if err != nil {
			return in.explain(dec, err, "; "+halfWritten)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return in.explain(dec, err, "; "+halfWritten)
		}
		name, _ := key.(string) // the decoder has seen to that
		if err := visit(name, value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return in.explain(dec, err, "; "+halfWritten)
	}

	end := dec.InputOffset()
	in.limit = end + maxMember
	_, err := dec.Token()
	if _, bad := errors.AsType[*json.SyntaxError](err); err == nil || bad {
		return malformed(in.base+end, "extra data after the end of the object; "+halfWritten)
	}
	if err != io.EOF {
		return in.explain(dec, err, "")
	}
	return nil
}

// A source hands on what r holds as long as it is UTF-8 and within bounds. The first error
// stays.
type source struct {
	r     io.Reader
	base  int64  // bytes of the file before r
	read  int64  // bytes handed on
	limit int64  // how far read may go now
	max   int64  // how far it may ever go
	rune  []byte // the start of a rune at the end of what was handed on
	err   error
}

// Read implements [io.Reader].
func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.read >= s.limit {
		s.err = malformed(s.base+s.limit-maxMember, fmt.Sprintf("what begins here is larger than %d bytes", maxMember))
		return 0, s.err
	}
	p = p[:min(int64(len(p)), s.limit-s.read)]
	n, err := s.r.Read(p)
	s.err = err
	n = s.valid(p[:n])
	s.read += int64(n)
	if s.read > s.max {
		s.err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, s.max)
		return 0, s.err
	}
	return n, s.err
}

// valid returns how many bytes of chunk go on being UTF-8, and sets err where they stop. A rune
// cut off by the end of chunk waits in s.rune for the rest of it; at the end of the file that
// is nobody's concern, as JSON never ends so.
func (s *source) valid(chunk []byte) int {
	waited, text := len(s.rune), chunk
	if waited > 0 {
		text = append(s.rune, chunk...)
	}
	s.rune = s.rune[:0]
	if utf8.Valid(text) {
		return len(chunk)
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at += size
	}
	if !utf8.FullRune(text[at:]) {
		s.rune = append(s.rune, text[at:]...)
		return len(chunk)
	}
	s.err = malformed(s.base+s.read+int64(at-waited), "not UTF-8")
	return max(at-waited, 0)
}

// explain says in our words what the decoder means by err; hint is for broken JSON.
func (s *source) explain(dec *json.Decoder, err error, hint string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if s.read == 0 {
			return malformed(s.base, "empty; "+halfWritten)
		}
		return malformed(s.base+s.read, "ends in the middle; "+halfWritten)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		// The decoder's own offset does not count what it read token by token.
		return malformed(s.base+dec.InputOffset(), "what begins here is not JSON: "+syntax.Error()+hint)
	}
	return err
}

func malformed(at int64, why string) error {
	return fmt.Errorf("%w: byte %d: %s", ErrFormat, at, why)
}
