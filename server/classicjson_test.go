package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/server"
)

// tb is what testing.TB and rapid.T have in common, as far as it is needed here.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// classic sets compact JSON as the classic profile does, written piece by piece.
func classic(t tb, pieces ...string) string {
	t.Helper()
	var out bytes.Buffer
	format := server.Classic(cookie).API.Format(&out)
	for _, piece := range pieces {
		if n, err := io.WriteString(format, piece); err != nil || n != len(piece) {
			t.Fatalf("Write: %d, %v", n, err)
		}
	}
	return out.String()
}

func TestClassicJSONGolden(t *testing.T) {
	want := founding(t, "user-sample.json")
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if got := classic(t, compact.String()); got != want || len(got) != 210 {
		t.Errorf("the sample user has %d bytes:\n%q, want\n%q", len(got), got, want)
	}
}

// TestClassicJSON holds what Python's json.dumps writes with indent=2, sort_keys and the
// separators ", " and ": ", which is what the founding API used.
func TestClassicJSON(t *testing.T) {
	for _, row := range []struct{ compact, want string }{
		{`{}`, "{}\n"},
		{`[]`, "[]\n"},
		{`[[]]`, "[\n  []\n]\n"},
		{`[{},{}]`, "[\n  {}, \n  {}\n]\n"},
		{`{"a":{},"b":[]}`, "{\n  \"a\": {}, \n  \"b\": []\n}\n"},
		{
			`{"a":{},"b":[],"c":[1,[2,{}],{"x":null}],"d":"a, b: {c}"}`,
			"{\n  \"a\": {}, \n  \"b\": [], \n  \"c\": [\n    1, \n    [\n      2, \n      {}\n    ], \n" +
				"    {\n      \"x\": null\n    }\n  ], \n  \"d\": \"a, b: {c}\"\n}\n",
		},
		{`[true,false,null,-1.5e+3]`, "[\n  true, \n  false, \n  null, \n  -1.5e+3\n]\n"},
		// What stands in a string is text, whatever it looks like.
		{`["[]{},: \\\"[\\"]`, "[\n  \"[]{},: \\\\\\\"[\\\\\"\n]\n"},
		{`["<&>/"]`, "[\n  \"<&>/\"\n]\n"},
		{`["é"]`, "[\n  \"\\u00e9\"\n]\n"},
		{"[\"\u0080\u2028\uffff\"]", "[\n  \"\\u0080\\u2028\\uffff\"\n]\n"},
		{"[\"\U00010000😀\U0010ffff\"]", "[\n  \"\\ud800\\udc00\\ud83d\\ude00\\udbff\\udfff\"\n]\n"},
		{`{"é":1}`, "{\n  \"\\u00e9\": 1\n}\n"},
		// The blanks and the newline that an encoder may add make no difference.
		{" { \"a\" :\t[ 1 ,\r\n2 ] }\n\n", "{\n  \"a\": [\n    1, \n    2\n  ]\n}\n"},
	} {
		if got := classic(t, row.compact); got != row.want {
			t.Errorf("%s:\n got %q\nwant %q", row.compact, got, row.want)
		}
	}
}

// TestClassicJSONDelete: to Python DEL is not among the printable characters of ASCII, so that it
// is escaped; to encoding/json it is.
func TestClassicJSONDelete(t *testing.T) {
	const want = "[\n  \"~\\u007f\"\n]\n"
	if got := classic(t, "[\"~\x7f\"]"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestClassicJSONKeepsErrors: whoever writes has to hear that nothing arrives.
func TestClassicJSONKeepsErrors(t *testing.T) {
	r, w := io.Pipe()
	_ = r.CloseWithError(io.ErrShortWrite)
	if n, err := server.Classic(cookie).API.Format(w).Write([]byte("{}")); err != io.ErrShortWrite || n != 0 {
		t.Errorf("Write: %d, %v", n, err)
	}
}

// checkClassic checks everything that is promised of the text of one JSON object or array, which
// is all that the API answers. cuts say where the input is split into several writes.
func checkClassic(t tb, compact []byte, cuts []int) {
	t.Helper()
	out := classic(t, string(compact))

	if got, want := decoded(t, []byte(out)), decoded(t, compact); !reflect.DeepEqual(got, want) {
		t.Errorf("another value:\n in %s\nout %s", compact, out)
	}
	for _, c := range []byte(out) {
		if c >= utf8.RuneSelf || c < ' ' && c != '\n' {
			t.Errorf("byte %#x in %q", c, out)
		}
	}
	if body, ok := strings.CutSuffix(out, "\n"); !ok || strings.HasSuffix(body, "\n") {
		t.Errorf("not one newline at the end: %q", out)
	}

	// The standard library indents in the same way, but for the blank behind a comma. No comma
	// inside of a string stands before a newline: those are escaped.
	var tight, indented bytes.Buffer
	if err := json.Compact(&tight, []byte(out)); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	if err := json.Indent(&indented, tight.Bytes(), "", "  "); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	if want := strings.ReplaceAll(indented.String(), ",\n", ", \n") + "\n"; out != want {
		t.Errorf("set wrong:\n got %q\nwant %q", out, want)
	}

	if got := classic(t, split(string(compact), cuts)...); got != out {
		t.Errorf("written in pieces:\n got %q\nwant %q", got, out)
	}
}

func decoded(t tb, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return v
}

// split cuts text at those of cuts, counted in bytes and taken around, that are the beginning of
// a character.
func split(text string, cuts []int) []string {
	at := make(map[int]bool)
	for _, cut := range cuts {
		at[cut%(len(text)+1)] = true
	}
	var pieces []string
	start := 0
	for i := range text { // every i is the beginning of a character
		if at[i] {
			pieces, start = append(pieces, text[start:i]), i
		}
	}
	return append(pieces, text[start:])
}

// TestClassicJSONProperty makes values that are deeper and odder than what a fuzzer finds soon.
func TestClassicJSONProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var value func(depth int) any
		value = func(depth int) any {
			kinds := 6
			if depth == 0 {
				kinds = 4
			}
			switch rapid.IntRange(0, kinds-1).Draw(rt, "kind") {
			case 0:
				return rapid.String().Draw(rt, "text")
			case 1:
				return rapid.Float64Range(-1e300, 1e300).Draw(rt, "number")
			case 2:
				return rapid.Bool().Draw(rt, "bool")
			case 3:
				return nil
			case 4:
				list := make([]any, rapid.IntRange(0, 4).Draw(rt, "length"))
				for i := range list {
					list[i] = value(depth - 1)
				}
				return list
			default:
				object := make(map[string]any)
				for range rapid.IntRange(0, 4).Draw(rt, "size") {
					object[rapid.String().Draw(rt, "key")] = value(depth - 1)
				}
				return object
			}
		}
		compact, err := json.Marshal([]any{value(4)}) // sorts the keys
		if err != nil {
			rt.Fatalf("%v", err)
		}
		cuts := rapid.SliceOfN(rapid.IntRange(0, 1<<20), 0, 8).Draw(rt, "cuts")
		checkClassic(rt, compact, cuts)
	})
}

func FuzzClassicJSON(f *testing.F) {
	f.Add([]byte(`{"status":"OK"}`), []byte{1, 7})
	f.Add([]byte(`[{"email":"a@b.c","first_name":null,"n":[1,{}]},[],{}]`), []byte{0, 3, 9, 200})
	f.Add([]byte("[\"é\U0001F600\\u2028\\ud800\\\\\\\"\u007f\"]"), []byte{2, 3, 4, 5, 6})
	f.Add([]byte(`{"b":-0.0,"a":1e400,"\u0000":""}`), []byte{})
	f.Fuzz(func(t *testing.T, text, at []byte) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var v any
		if d.Decode(&v) != nil {
			return
		}
		switch v.(type) {
		case map[string]any, []any:
		default: // no answer is a bare value, and where one ends cannot be seen
			return
		}
		compact, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		cuts := make([]int, len(at))
		for i, b := range at {
			cuts[i] = int(b)
		}
		checkClassic(t, compact, cuts)
	})
}
