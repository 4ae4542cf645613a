package jsonobject

import (
	"errors"
	"strings"
	"testing"
)

// TestParseStrict: what is refused is refused with a reason, and without what the members hold.
func TestParseStrict(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                        "",
		` {"a":1,"A":"secret"} `:    "",
		`{"a":"secret","a":1}`:      `the member "a" is there twice`,
		`{"a":"secret","\u0061":1}`: `the member "a" is there twice`,
		`{"a":{"b":1,"b":2},"b":1}`: "", // only those of the object itself are members
		`{"a":"secret"`:             "unexpected end",
		`{"a":"secret"} {}`:         "after top-level value",
		"{\"a\":\"secret\xff\"}":    "not UTF-8",
		"\ufeff{}":                  "invalid character",
		`["secret"]`:                "not a JSON object",
		`null`:                      "not a JSON object",
		``:                          "unexpected end",
		`{"` + strings.Repeat("a", 99) + `":1,"` + strings.Repeat("a", 99) + `":2}`: `the member "` + strings.Repeat("a", 40) + `" is`,
	} {
		o, err := ParseStrict([]byte(text))
		switch {
		case want == "" && (err != nil || o == nil):
			t.Errorf("%s: %v, %v", text, o, err)
		case want != "" && (!errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
