package jsonobject_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/jsonobject"
)

func TestDecode(t *testing.T) {
	type inner struct {
		A string         `json:"a"`
		M map[string]int `json:"m"`
	}
	type outer struct {
		One  inner   `json:"one"`
		Many []inner `json:"many"`
		N    int     `json:"n"`
	}
	decode := func(contentType, body string) error {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		var into outer
		return jsonobject.Decode(r, &into)
	}
	for _, body := range []string{
		`{}`, ` {"n": 1} `, `{"one":{"a":"a"},"many":[{"a":"a"},{"a":"a"}],"n":2}`, `{"many":[{"m":{"x":1,"y":2}},{"m":{"x":1}}]}`,
		`{"one":{"a":"n"},"n":1}`, `{"one":{"a":"one"}}`,
	} {
		if err := decode("application/json", body); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	for _, body := range []string{
		``, `null`, `[]`, `1`, `"x"`, `{`, `{}{}`, `{} x`, `{"n":"1"}`, `{"other":1}`, `{"one":{"other":1}}`, `{"many":[{"other":1}]}`,
		`{"n":1,"n":2}`, `{"n":1,"N":2}`, `{"one":{"a":"1","a":"2"}}`, `{"many":[{"a":"1"},{"a":"1","A":"2"}]}`, `{"one":{"m":{"x":1,"x":2}}}`,
		"{\"one\":{\"a\":\"\xff\"}}", strings.Repeat(`{"one":`, 20000),
	} {
		if err := decode("application/json", body); !errors.Is(err, jsonobject.ErrFormat) {
			t.Errorf("%.60s: %v, want ErrFormat", body, err)
		}
	}
	if err := decode("text/plain", `{}`); !errors.Is(err, jsonobject.ErrFormat) {
		t.Errorf("text: %v", err)
	}
}
