// Package jsonobject reads a JSON object, in the body of a request or elsewhere, stricter than
// encoding/json where that would change what was sent: a body has to say that it is JSON, all text
// has to be UTF-8, names are compared exactly, nothing may stand behind the object, and half a
// surrogate pair is an error.
package jsonobject

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrFormat means that a body is not the JSON that was asked for.
var ErrFormat = errors.New("not a JSON object with the members expected")

// An Object holds the members of a JSON object as they came.
type Object map[string]json.RawMessage

// ReadStrict is [Read], but refuses an object in which a name comes twice: two readers could take
// two different values.
func ReadStrict(r *http.Request) (Object, error) { return read(r, findRepeat) }

// Read reads r's body. Of several members with one name the last counts, as it does to most
// readers. Its errors wrap [ErrFormat], or are those of reading the body.
func Read(r *http.Request) (Object, error) {
	return read(r, func([]byte) error { return nil })
}

// ParseStrict reads text, which has no byte order mark, as [ReadStrict] reads a body. Its errors wrap
// [ErrFormat] and say what is wrong, but not what the members hold.
func ParseStrict(text []byte) (Object, error) { return parse(text, findRepeat) }

func read(r *http.Request, refuse func(body []byte) error) (Object, error) {
	if !IsJSON(r) {
		return nil, ErrFormat
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return parse(bytes.TrimPrefix(body, []byte("\uFEFF")), refuse)
}

func parse(text []byte, refuse func(text []byte) error) (Object, error) {
	var o Object
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: it is not UTF-8", ErrFormat)
	}
	if err := json.Unmarshal(text, &o); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("%w: %w", ErrFormat, syntax)
		}
		return nil, ErrFormat // another value than an object
	}
	if o == nil {
		return nil, ErrFormat
	}
	if err := refuse(text); err != nil {
		return nil, err
	}
	return o, nil
}

// IsJSON reports whether r's body says that it is JSON.
func IsJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}

// findRepeat returns an error if a name comes twice in text, which is an object.
func findRepeat(text []byte) error {
	names := make(map[string]bool)
	decoder := json.NewDecoder(bytes.NewReader(text))
	_, _ = decoder.Token() // the opening brace; none of these fails, as the object is well-formed
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		if names[name] {
			return fmt.Errorf("%w: the member %.40q is there twice", ErrFormat, name)
		}
		names[name] = true
		var value json.RawMessage
		_ = decoder.Decode(&value)
	}
	return nil
}

// Text returns the member called name: nil when it is absent or null. Half a surrogate pair,
// which JSON can write and UTF-8 cannot, is a [SurrogateError].
func (o Object) Text(name string) (*string, error) {
	raw, ok := o[name]
	if !ok || string(raw) == "null" {
		return nil, nil
	}
	if raw[0] != '"' {
		return nil, ErrFormat
	}
	if err := findSurrogate(raw); err != nil {
		return nil, err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, ErrFormat
	}
	return &s, nil
}

// A SurrogateError is half a surrogate pair in a string. Its message is that of the founding API.
type SurrogateError struct {
	code        uint64 // of the first
	first, last int    // where they stand, in code points
}

// Error implements error.
func (e *SurrogateError) Error() string {
	if e.first == e.last {
		return fmt.Sprintf(`'utf-8' codec can't encode character '\u%04x' in position %d: surrogates not allowed`, e.code, e.first)
	}
	return fmt.Sprintf(`'utf-8' codec can't encode characters in position %d-%d: surrogates not allowed`, e.first, e.last)
}

// findSurrogate returns a SurrogateError for the first run of lone surrogates in a JSON string,
// which must be well-formed, or nil.
func findSurrogate(literal []byte) error {
	s := string(literal[1 : len(literal)-1])
	var found *SurrogateError
	for position := 0; s != ""; position++ {
		code, size := nextCode(s)
		if high := code >= 0xd800 && code < 0xdc00; high {
			if low, lowSize := nextCode(s[size:]); low >= 0xdc00 && low < 0xe000 {
				code, size = 0x10000, size+lowSize
			}
		}
		s = s[size:]
		isLone := code >= 0xd800 && code < 0xe000
		switch {
		case isLone && found == nil:
			found = &SurrogateError{code: code, first: position, last: position}
		case isLone:
			found.last = position
		case found != nil:
			return found
		}
	}
	if found != nil {
		return found
	}
	return nil
}

// nextCode returns the first code point of a JSON string's inside, and the bytes that it takes.
func nextCode(s string) (code uint64, size int) {
	if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		code, _ := strconv.ParseUint(s[2:6], 16, 32) // well-formed, says the caller
		return code, 6
	}
	if len(s) >= 2 && s[0] == '\\' {
		return uint64(s[1]), 2
	}
	r, size := utf8.DecodeRuneInString(s)
	return uint64(r), size
}
