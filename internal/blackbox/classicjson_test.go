package blackbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// page405 is the founding page for a method that a path does not have.
const page405 = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n" +
	"<title>405 Method Not Allowed</title>\n" +
	"<h1>Method Not Allowed</h1>\n" +
	"<p>The method is not allowed for the requested URL.</p>\n"

// errorBody is the body of an error answer.
func errorBody(message string) string {
	return classicJSON(map[string]any{"error": message})
}

// classicJSON renders v, as encoding/json reads it, the way the founding API does: keys sorted,
// two blanks of indent, a blank between a comma and the line's end, ASCII only, one final
// newline. It is written apart from the server's own renderer, to check it.
func classicJSON(v any) string {
	var b strings.Builder
	renderValue(&b, v, "\n")
	b.WriteByte('\n')
	return b.String()
}

// renderValue writes v; newline is a newline with the indent of the line that v begins in.
func renderValue(b *strings.Builder, v any, newline string) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		renderList(b, "{", "}", len(keys), newline, func(i int) {
			renderString(b, keys[i])
			b.WriteString(": ")
			renderValue(b, v[keys[i]], newline+"  ")
		})
	case []any:
		renderList(b, "[", "]", len(v), newline, func(i int) {
			renderValue(b, v[i], newline+"  ")
		})
	case string:
		renderString(b, v)
	case nil:
		b.WriteString("null")
	default: // json.Number and bool print as they were read
		fmt.Fprint(b, v)
	}
}

func renderList(b *strings.Builder, left, right string, n int, newline string, item func(int)) {
	b.WriteString(left)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(newline + "  ")
		item(i)
	}
	if n > 0 {
		b.WriteString(newline)
	}
	b.WriteString(right)
}

func renderString(b *strings.Builder, s string) {
	short := map[rune]string{
		'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`,
	}
	b.WriteByte('"')
	for _, c := range s {
		escape, isShort := short[c]
		switch {
		case isShort:
			b.WriteString(escape)
		case c >= ' ' && c <= '~':
			b.WriteRune(c)
		case c <= 0xffff:
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		}
	}
	b.WriteByte('"')
}

// parseJSON reads one JSON value and nothing after it.
func parseJSON(body string) (any, error) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands after the value")
	}
	return v, nil
}

// checkClassic parses a JSON body and checks that its bytes are in the classic format.
func checkClassic(t testing.TB, body string) any {
	t.Helper()
	v, err := parseJSON(body)
	if err != nil {
		t.Errorf("the body is no JSON: %v\n%q", err, body)
		return nil
	}
	if want := classicJSON(v); body != want {
		t.Errorf("the body is not in the classic format:\n got %q\nwant %q", body, want)
	}
	return v
}

// Forms that expectations name in double braces.
const (
	formUUID4 = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	formNow   = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
)

// matches reports whether got is want, in which {{uuid4}} and {{now}} stand for any value of
// their form; a time must also be about now, or a wrong zone would go unnoticed.
func matches(want, got string) bool {
	pattern := regexp.QuoteMeta(want)
	pattern = strings.ReplaceAll(pattern, `\{\{uuid4\}\}`, formUUID4)
	pattern = strings.ReplaceAll(pattern, `\{\{now\}\}`, formNow)
	if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(got) {
		return false
	}
	if want != "{{now}}" {
		return true
	}
	at, err := time.Parse("2006-01-02 15:04:05", got)
	return err == nil && time.Since(at).Abs() < 5*time.Minute
}

// diffJSON returns where got is not what want says, or "".
func diffJSON(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || len(object) != len(want) {
			return fmt.Sprintf("%s: got %v, want %v", path, got, want)
		}
		for key, value := range want {
			member, ok := object[key]
			if !ok {
				return fmt.Sprintf("%s has no %q", path, key)
			}
			if diff := diffJSON(path+"."+key, value, member); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s: got %v, want %v", path, got, want)
		}
		for i := range want {
			if diff := diffJSON(fmt.Sprintf("%s[%d]", path, i), want[i], list[i]); diff != "" {
				return diff
			}
		}
		return ""
	case string:
		if s, ok := got.(string); ok && matches(want, s) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: got %#v, want %#v", path, got, want)
}

// TestClassicJSON checks the renderer above against what the founding documents show, and the
// comparison against what it must not let pass.
func TestClassicJSON(t *testing.T) {
	checkClassic(t, sampleUser(t))
	odd := map[string]any{"é😀": []any{}, "a": map[string]any{}, "b": []any{true, nil}, "\x7f": "<&>\n"}
	const want = "{\n  \"a\": {}, \n  \"b\": [\n    true, \n    null\n  ], \n  \"\\u007f\": \"<&>\\n\", \n" +
		"  \"\\u00e9\\ud83d\\ude00\": []\n}\n"
	if got := classicJSON(odd); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	now := time.Now().UTC()
	for _, row := range []struct {
		want, got string
		match     bool
	}{
		{"{{uuid4}}", bobID, true},
		{"{{uuid4}}", strings.ToUpper(bobID), false},
		{"a={{uuid4}}; Path=/", "a=" + bobID + "; Path=/", true},
		{"a={{uuid4}}; Path=/", "a=" + bobID + "; Path=/; Secure", false},
		{"{{now}}", now.Format("2006-01-02 15:04:05"), true},
		{"{{now}}", now.Format("2006-01-02T15:04:05"), false},
		{"{{now}}", now.Add(time.Hour).Format("2006-01-02 15:04:05"), false},
		{"a.c", "abc", false},
	} {
		if matches(row.want, row.got) != row.match {
			t.Errorf("%q matches %q: want %v", row.got, row.want, row.match)
		}
	}
}
