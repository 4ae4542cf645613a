package jsonobject

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// readText reads a body as an object of JSON.
func readText(contentType, body string) (Object, error) {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return Read(r)
}

func TestRead(t *testing.T) {
	const bom = "\xef\xbb\xbf"
	for _, row := range []struct {
		name, body string
		want       map[string]string // nil for an error
	}{
		{"empty object", `{}`, map[string]string{}},
		{
			"members as they came", `{"a":1.50,"b":"x","c":[ 1 ],"d":null}`,
			map[string]string{"a": "1.50", "b": `"x"`, "c": "[ 1 ]", "d": "null"},
		},
		{"blanks", " \t\r\n{ \"a\" : 1 }\n", map[string]string{"a": "1"}},
		{"letter case counts", `{"a":1,"A":2}`, map[string]string{"a": "1", "A": "2"}},
		{"last of a name", `{"a":1,"a":2,"a":3}`, map[string]string{"a": "3"}},
		{"last of a name, spelled otherwise", `{"a":1,"\u0061":2}`, map[string]string{"a": "2"}},
		{"last of a name, of another type", `{"a":{"b":1},"a":null}`, map[string]string{"a": "null"}},
		{"byte order mark", bom + `{"a":1}`, map[string]string{"a": "1"}},
		{"two of them", bom + bom + `{}`, nil},
		{"one that is not in front", ` ` + bom + `{}`, nil},

		{"nothing", "", nil},
		{"only the mark", bom, nil},
		{"null", `null`, nil},
		{"array", `[]`, nil},
		{"array of objects", `[{}]`, nil},
		{"string", `"{}"`, nil},
		{"number", `0`, nil},
		{"false", `false`, nil},
		{"cut off", `{"a":1`, nil},
		{"cut off in a string", `{"a":"`, nil},
		{"text behind", `{}x`, nil},
		{"another object behind", `{}{}`, nil},
		{"a comma behind", `{"a":1,}`, nil},
		{"NUL behind", "{}\x00", nil},
		{"comment", `{/* */}`, nil},
		{"single quotes", `{'a':1}`, nil},
		{"NaN", `{"a":NaN}`, nil},
		{"Infinity", `{"a":-Infinity}`, nil},
		{"hexadecimal", `{"a":0x1}`, nil},
		{"raw newline in a string", "{\"a\":\"\n\"}", nil},

		{"not UTF-8 in a value", "{\"a\":\"\xff\"}", nil},
		{"not UTF-8 in a name", "{\"\xff\":1}", nil},
		{"not UTF-8 deep inside", "{\"a\":[[{\"b\":\"\xc3\"}]]}", nil},
		{"overlong", "{\"a\":\"\xc0\xaf\"}", nil},
		{"a surrogate as bytes", "{\"a\":\"\xed\xa0\x80\"}", nil},
		{"UTF-16", "\xff\xfe{\x00}\x00", nil},

		{"deep", nested(9_000), map[string]string{"a": strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)}},
		{"too deep", nested(10_000), nil},
		{"too deep and not closed", `{"a":` + strings.Repeat("[", 60_000), nil},
		{"too deep, objects", strings.Repeat(`{"a":`, 10_001) + `1` + strings.Repeat(`}`, 10_001), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, err := readText("application/json", row.body)
			if row.want == nil {
				if !errors.Is(err, ErrFormat) || o != nil {
					t.Errorf("got %.80s, %v", fmt.Sprint(o), err)
				}
				return
			}
			got := make(map[string]string)
			for name, raw := range o {
				got[name] = string(raw)
			}
			if diff := cmp.Diff(row.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%.400s", err, diff)
			}
		})
	}
}

// nested returns an object with an array inside of an array, depth of them.
func nested(depth int) string {
	return `{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`
}

func TestReadContentType(t *testing.T) {
	for contentType, ok := range map[string]bool{
		"application/json":                          true,
		"Application/JSON":                          true,
		"application/json; charset=utf-8":           true,
		" application/json ;charset=\"latin1\"":     true,
		"application/problem+json":                  true,
		"application/vnd.api+JSON; a=b":             true,
		"":                                          false,
		"json":                                      false,
		"text/json":                                 false,
		"text/plain":                                false,
		"text/x+json":                               false,
		"application/jsonp":                         false,
		"application/json-seq":                      false,
		"application/json+xml":                      false,
		"application/json, text/plain":              false,
		"application/json;;;=":                      false,
		"application/x-www-form-urlencoded":         false,
		"multipart/form-data; boundary=application": false,
	} {
		if _, err := readText(contentType, `{}`); (err == nil) != ok {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

// TestReadBrokenBody: a body that ends in an error is not half a body.
func TestReadBrokenBody(t *testing.T) {
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("{}"), broken{}))
	r.Header.Set("Content-Type", "application/json")
	if o, err := Read(r); !errors.Is(err, io.ErrUnexpectedEOF) || o != nil {
		t.Errorf("%v, %v", o, err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestText(t *testing.T) {
	for _, row := range []struct {
		raw  string
		want string
		err  error
	}{
		{`""`, "", nil},
		{`"a\u00e9\n\"\\\/"`, "aé\n\"\\/", nil},
		{`"\u0000"`, "\x00", nil},
		{`"\ud83d\ude00"`, "😀", nil},
		{`"\uD83D\uDE00 😀"`, "😀 😀", nil},
		{`"\ud800\udc00\udbff\udfff"`, "\U00010000\U0010ffff", nil},
		{`"\\ud800"`, `\ud800`, nil},
		{`"\\\\ud800"`, `\\ud800`, nil},
		{`1`, "", ErrFormat},
		{`true`, "", ErrFormat},
		{`false`, "", ErrFormat},
		{`[]`, "", ErrFormat},
		{`["a"]`, "", ErrFormat},
		{`{}`, "", ErrFormat},
	} {
		o, err := readText("application/json", `{"x": `+row.raw+` }`)
		if err != nil {
			t.Fatal(err)
		}
		got, err := o.Text("x")
		if !errors.Is(err, row.err) || (err == nil) != (got != nil) || got != nil && *got != row.want {
			t.Errorf("%s: %v, %v", row.raw, got, err)
		}
	}
	// Nothing and null are the same, and both are something else than an empty text.
	for _, body := range []string{`{}`, `{"x":null}`, `{"x": null }`, `{"x":"y","x":null}`, `{"X":"y"}`} {
		o, err := readText("application/json", body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.Text("x"); got != nil || err != nil {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

// TestSurrogates holds what Python 3 says when it encodes these strings.
func TestSurrogates(t *testing.T) {
	one := func(code string, at int) string {
		return fmt.Sprintf(`'utf-8' codec can't encode character '\%s' in position %d: surrogates not allowed`, code, at)
	}
	run := func(first, last int) string {
		return fmt.Sprintf(`'utf-8' codec can't encode characters in position %d-%d: surrogates not allowed`, first, last)
	}
	for literal, want := range map[string]string{
		`"\ud800"`:               one("ud800", 0),
		`"ab\uDFFF"`:             one("udfff", 2),
		`"\"\ud800"`:             one("ud800", 1),
		`"\n\t\udbff!"`:          one("udbff", 2),
		`"é😀\udabc"`:             one("udabc", 2),
		`"x\ud83d\ude00\ud83d"`:  one("ud83d", 2),
		`"\ud83d\ud83d\ude00"`:   one("ud83d", 0),
		`"\ude00\ud83d\ude00"`:   one("ude00", 0),
		`"\ud800x\ud800"`:        one("ud800", 0),
		`"\ud800\ud800"`:         run(0, 1),
		`"\udc00\ud800x\ud800"`:  run(0, 1),
		`"é\udc00\udc00\udc00é"`: run(1, 3),
	} {
		var surrogate *SurrogateError
		_, err := Object{"x": []byte(literal)}.Text("x")
		if !errors.As(err, &surrogate) || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", literal, err, want)
		}
	}
}

// TestSurrogatesProperty writes UTF-16 as JSON can, and looks for its lone halves in another way.
func TestSurrogatesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.OneOf(rapid.Uint16(), rapid.Uint16Range(0xd7fe, 0xe001), rapid.Uint16Range('a', 'c'))
		units := rapid.SliceOfN(unit, 0, 12).Draw(t, "units")
		var literal strings.Builder
		literal.WriteByte('"')
		for _, u := range units {
			fmt.Fprintf(&literal, `\u%04x`, u)
		}
		literal.WriteByte('"')

		// utf16.Decode has U+FFFD for a lone half; a real one would be one in the input as well.
		first, last := -1, -1
		for i, at := 0, 0; i < len(units); i, at = i+1, at+1 {
			switch {
			case i+1 < len(units) && utf16.DecodeRune(rune(units[i]), rune(units[i+1])) != 0xfffd:
				i++
			case !utf16.IsSurrogate(rune(units[i])):
			case first < 0 || last == at-1:
				if first < 0 {
					first = at
				}
				last = at
			}
		}
		var got *SurrogateError
		if !errors.As(findSurrogate([]byte(literal.String())), &got) {
			got = &SurrogateError{first: -1, last: -1}
		}
		if got.first != first || got.last != last {
			t.Fatalf("%s: lone from %d to %d, want %d to %d", &literal, got.first, got.last, first, last)
		}
	})
}

func TestReadStrict(t *testing.T) {
	for body, ok := range map[string]bool{
		`{}`:                         true,
		`{"a":1,"A":2,"b":{"b":1}}`:  true,
		`{"a":[1,{"a":2}],"b":"a"}`:  true,
		`{"a":1,"a":1}`:              false,
		`{"a":1,"\u0061":2}`:         false,
		`{"a":{"x":[]},"b":2,"a":3}`: false,
		`{}{}`:                       false,
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if _, err := ReadStrict(r); (err == nil) != ok || err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
