package api

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

// errFormat means that a body is not the JSON that was asked for.
var errFormat = errors.New("not a JSON object with the members expected")

// An object is a JSON object as it came: of several members with one name the last counts.
type object map[string]json.RawMessage

// readObject reads r's body, which must be a JSON object in UTF-8 and say so.
func readObject(r *http.Request) (object, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := kind == jsonType || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
	if err != nil || !isJSON {
		return nil, errFormat
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	var o object
	if !utf8.Valid(body) || json.Unmarshal(body, &o) != nil || o == nil {
		return nil, errFormat
	}
	return o, nil
}

// text returns the member called name: nil when it is absent or null. Half a surrogate pair,
// which JSON can write and UTF-8 cannot, is a [surrogateError].
func (o object) text(name string) (*string, error) {
	raw, ok := o[name]
	if !ok || string(raw) == "null" {
		return nil, nil
	}
	if raw[0] != '"' {
		return nil, errFormat
	}
	if err := findSurrogate(raw); err != nil {
		return nil, err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, errFormat
	}
	return &s, nil
}

// A surrogateError is half a surrogate pair in a string. Its message is that of the founding API.
type surrogateError struct {
	code        uint64 // of the first
	first, last int    // where they stand, in code points
}

// Error implements error.
func (e *surrogateError) Error() string {
	if e.first == e.last {
		return fmt.Sprintf(`'utf-8' codec can't encode character '\u%04x' in position %d: surrogates not allowed`, e.code, e.first)
	}
	return fmt.Sprintf(`'utf-8' codec can't encode characters in position %d-%d: surrogates not allowed`, e.first, e.last)
}

// findSurrogate returns a surrogateError for the first run of lone surrogates in a JSON string,
// which must be well-formed, or nil.
func findSurrogate(literal []byte) error {
	s := string(literal[1 : len(literal)-1])
	var found *surrogateError
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
			found = &surrogateError{code: code, first: position, last: position}
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
