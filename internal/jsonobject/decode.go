package jsonobject

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Decode reads r's body, a JSON object, into what into points to, a struct with objects in it. A name for which there is no field, or that comes
// twice in one object, whatever its letter case, is an error at every depth. Its errors wrap [ErrFormat], and say what is
// wrong; or they are those of reading the body.
func Decode(r *http.Request, into any) error {
	if !IsJSON(r) {
		return fmt.Errorf("%w: it is not said to be JSON", ErrFormat)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	if !utf8.Valid(body) {
		return fmt.Errorf("%w: it is not UTF-8", ErrFormat)
	}
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return fmt.Errorf("%w: it is no object", ErrFormat)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something stands behind the object", ErrFormat)
	}
	return findAnyRepeat(body)
}

// findAnyRepeat returns an error if a name comes twice in an object in text, which is well-formed.
func findAnyRepeat(text []byte) error {
	type level struct {
		names  map[string]bool // nil in an array
		isName bool            // what comes next is a name
	}
	var levels []level
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil // the end
		}
		if at := len(levels) - 1; at >= 0 && levels[at].names != nil {
			name, isText := token.(string)
			if levels[at].isName && isText {
				folded := strings.ToLower(name)
				if levels[at].names[folded] {
					return fmt.Errorf("%w: the member %.40q is there twice", ErrFormat, name)
				}
				levels[at].names[folded] = true
			}
			levels[at].isName = !levels[at].isName
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{names: make(map[string]bool), isName: true})
		case json.Delim('['):
			levels = append(levels, level{})
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:len(levels)-1]
		}
	}
}
