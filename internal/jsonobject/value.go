package jsonobject

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// ReadValue reads the one JSON value in r's body, of whatever kind. It refuses what two readers could
// take for two different values (RFC 7493): an object in which a name comes twice, however deep, half
// a surrogate pair, and bytes that are not UTF-8; and a value that is nested more than depth deep. Its
// errors wrap [ErrFormat], or are those of reading the body.
func ReadValue(r *http.Request, depth int) (json.RawMessage, error) {
	if !IsJSON(r) {
		return nil, fmt.Errorf("%w: the Content-Type is not that of JSON", ErrFormat)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, ErrFormat
	}
	if hasLoneSurrogate(string(body)) {
		return nil, fmt.Errorf("%w: half a surrogate pair", ErrFormat)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // which may be one that no float64 holds
	if err := checkNext(decoder, depth); err != nil {
		return nil, err
	}
	return body, nil
}

// checkNext reads the next value, which is well-formed, and judges names and depth.
func checkNext(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	opening, isOpening := token.(json.Delim)
	if !isOpening {
		return nil
	}
	if depth == 0 {
		return fmt.Errorf("%w: nested too deep", ErrFormat)
	}
	names := make(map[string]bool)
	for d.More() {
		if opening == '{' {
			name, err := d.Token()
			if err != nil {
				return fmt.Errorf("%w: %w", ErrFormat, err)
			}
			text, _ := name.(string)
			if names[text] {
				return fmt.Errorf("%w: a name comes twice", ErrFormat)
			}
			names[text] = true
		}
		if err := checkNext(d, depth-1); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing one
	return err
}

// hasLoneSurrogate reports whether a string in text, which is JSON, has half a surrogate pair.
func hasLoneSurrogate(text string) bool {
	for {
		start := strings.IndexByte(text, '"')
		if start < 0 {
			return false
		}
		end := start + 1
		for text[end] != '"' {
			if text[end] == '\\' {
				end++ // whatever stands behind it
			}
			end++
		}
		if findSurrogate([]byte(text[start:end+1])) != nil {
			return true
		}
		text = text[end+1:]
	}
}
