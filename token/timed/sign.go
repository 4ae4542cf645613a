package timed

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// segment is how each part of a token is written. It has one text for each value.
var segment = base64.RawURLEncoding.Strict()

// Sign returns a token for payload that is good for lifetime, in whole seconds. The payload is
// anything that [json.Marshal] takes. The members of a [json.RawMessage] keep their order, those of a
// struct have that of its fields. The token has at most 8 KiB, or Sign returns [ErrTooLong], and consists
// of letters, digits, "-", "_" and ".".
func (s *Signer) Sign(payload any, lifetime time.Duration) (string, error) {
	if lifetime < time.Second {
		return "", fmt.Errorf("sign token: lifetime is %v, want a second or more", lifetime)
	}
	text, err := s.encode(payload)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	issued := time.Now().Unix()
	header := fmt.Appendf(nil, `{"alg":"%s","iat":%d,"exp":%d}`, s.algorithm, issued, issued+int64(lifetime/time.Second))
	signed := segment.EncodeToString(header) + "." + segment.EncodeToString(text)
	token := signed + "." + segment.EncodeToString(s.sum(0, signed))
	if len(token) > maxToken {
		return "", fmt.Errorf("sign token: %w", ErrTooLong)
	}
	return token, nil
}

// encode returns payload as compact JSON, in the characters that Python would write.
func (s *Signer) encode(payload any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(payload); err != nil {
		return nil, err
	}
	compact := bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	if !utf8.Valid(compact) {
		return nil, errors.New("the payload is not UTF-8")
	}
	if s.isASCII {
		return escape(compact), nil
	}
	return unescapeSeparators(compact), nil
}

// escape writes what is not printable ASCII as JSON's escapes. In JSON such characters stand in
// strings only.
func escape(text []byte) []byte {
	escaped := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			escaped = append(escaped, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, high, low)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		}
	}
	return escaped
}

// unescapeSeparators writes the two separators as they are, which package json always escapes and
// Python never does: U+2028 and U+2029 are the only characters in which the two differ.
func unescapeSeparators(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for len(text) > 0 {
		switch {
		case bytes.HasPrefix(text, []byte(`\u2028`)), bytes.HasPrefix(text, []byte(`\u2029`)):
			plain = utf8.AppendRune(plain, rune(0x2020+int(text[5]-'0')))
			text = text[6:]
		case text[0] == '\\': // with what it escapes, which may be another backslash
			plain = append(plain, text[:2]...)
			text = text[2:]
		default:
			plain = append(plain, text[0])
			text = text[1:]
		}
	}
	return plain
}
