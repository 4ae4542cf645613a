package jsonobject_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/jsonobject"
)

func readValue(text string, depth int) (json.RawMessage, error) {
	r := httptest.NewRequest("PUT", "/", strings.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	return jsonobject.ReadValue(r, depth)
}

func TestReadValue(t *testing.T) {
	for _, text := range []string{
		`null`, ` 1 `, `1e999`, `""`, `[]`, `{}`, `[[1],{"a":{}}]`, `{"a":{"a":1},"b":{"a":1}}`, `"\ud83d\ude00"`, `"\\ud800"`, `"\""`, `{"\"":"\\"}`,
	} {
		if value, err := readValue(text, 3); err != nil || string(value) != text {
			t.Errorf("%s: %s, %v", text, value, err)
		}
	}
	for _, text := range []string{
		``, `x`, `1 1`, `{"a":1,"a":1}`, `[{"a":1,"\u0061":1}]`, `"\ud800"`, `{"\udc00":1}`, `["\ude00\ud83d"]`, "\"\xff\"", `[[[[]]]]`, `[`, `{"a":[[[1]]]}`,
	} {
		if _, err := readValue(text, 3); !errors.Is(err, jsonobject.ErrFormat) {
			t.Errorf("%s: error %v, want ErrFormat", text, err)
		}
	}
	r := httptest.NewRequest("PUT", "/", strings.NewReader(`1`))
	if _, err := jsonobject.ReadValue(r, 3); !errors.Is(err, jsonobject.ErrFormat) {
		t.Errorf("without a Content-Type: %v", err)
	}
}

// FuzzReadValue: what is let through is JSON that is the same when it is written again.
func FuzzReadValue(f *testing.F) {
	for _, text := range []string{`{"a":[1,"\ud800"]}`, `"\\\""`, `{"a":{"a":1}}`, `[[]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := readValue(text, 8)
		if err != nil {
			if !errors.Is(err, jsonobject.ErrFormat) {
				t.Errorf("error %v", err)
			}
			return
		}
		if !json.Valid(value) || strings.Contains(text, "\xff") {
			t.Errorf("%q was let through", text)
		}
	})
}
