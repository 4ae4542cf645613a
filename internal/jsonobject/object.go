// Package jsonobject reads the JSON object in the body of a request, stricter than encoding/json
// where that would change what was sent: the body has to say that it is JSON and to be UTF-8, names
// are compared exactly, nothing may stand behind the object, and half a surrogate pair is an error.
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
func ReadStrict(r *http.Request) (Object, error) { return read(r, repeats) }

// Read reads r's body. Of several members with one name the last counts, as it does to most
// readers. Its errors wrap [ErrFormat], or are those of reading the body.
func Read(r *http.Request) (Object, error) {
	return read(r, func([]byte) bool { return false })
}

func read(r *http.Request, refuse func(body []byte) bool) (Object, error) {
	if !IsJSON(r) {
		return nil, ErrFormat
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	var o Object
	if !utf8.Valid(body) || json.Unmarshal(body, &o) != nil || o == nil || refuse(body) {
		return nil, ErrFormat
	}
	return o, nil
}

// IsJSON reports whether r's body says that it is JSON.
func IsJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}

// repeats reports whether a name comes twice in body, which is an object.
func repeats(body []byte) bool {
	names := make(map[string]bool)
	decoder := json.NewDecoder(bytes.NewReader(body))
	_, _ = decoder.Token() // the opening brace; none of these fails, as the object is well-formed
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		if names[name] {
			return true
		}
		names[name] = true
		var value json.RawMessage
		_ = decoder.Decode(&value)
	}
	return false
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
