// Package form reads the fields of HTML forms from the body of a request, whatever its method,
// and as Python's web frameworks do where Go's own parser is stricter: only "&" separates fields,
// a broken percent escape stands for itself, and bytes that are not UTF-8 become U+FFFD. Of
// several fields with one name the first counts. The query string has no part in it: a password
// does not belong in a URL.
package form

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// ErrBody means that the body could not be read, or is not the form that it claims to be. A body
// beyond the limit that [http.MaxBytesReader] has set also is an [http.MaxBytesError].
var ErrBody = errors.New("form cannot be read")

// maxFields is how many fields a form may have.
const maxFields = 100

// Fields are the fields of a form.
type Fields map[string]string

// Read returns the fields in r's body. A body of any other type than the two that forms have
// holds no fields; that is no error.
func Read(r *http.Request) (Fields, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return Fields{}, nil
	}
	boundary := params["boundary"]
	isMultipart := kind == "multipart/form-data" && boundary != ""
	if kind != "application/x-www-form-urlencoded" && !isMultipart {
		return Fields{}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if isMultipart {
		return readMultipart(body, boundary)
	}
	return parseURLEncoded(string(body))
}

func parseURLEncoded(body string) (Fields, error) {
	fields := Fields{}
	for i := 0; body != ""; i++ {
		if i == maxFields {
			return nil, fmt.Errorf("%w: more than %d fields", ErrBody, maxFields)
		}
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		name, value, _ := strings.Cut(pair, "=")
		fields.add(unescape(name), unescape(value))
	}
	return fields, nil
}

func (f Fields) add(name, value string) {
	if _, there := f[name]; !there {
		f[name] = value
	}
}

// unescape undoes the encoding of one name or value.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, hexValue(s[i+1])<<4|hexValue(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}

func readMultipart(body []byte, boundary string) (Fields, error) {
	fields := Fields{}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for i := 0; ; i++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBody, err)
		}
		if i == maxFields {
			return nil, fmt.Errorf("%w: more than %d fields", ErrBody, maxFields)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBody, err)
		}
		if part.FileName() == "" { // a file is no field
			fields.add(part.FormName(), strings.ToValidUTF8(string(value), "\uFFFD"))
		}
	}
}
