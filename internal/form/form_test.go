package form_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/form"
)

const urlencoded = "application/x-www-form-urlencoded"

func TestRead(t *testing.T) {
	multi := strings.ReplaceAll("--X\nContent-Disposition: form-data; name=\"a\"\n\none two\n--X\n"+
		"Content-Disposition: form-data; name=\"f\"; filename=\"x\"\n\nfile\n--X--\n", "\n", "\r\n")
	for _, c := range []struct {
		name, kind, body string
		want             form.Fields
	}{
		{"plain", urlencoded, "a=1&b=2", form.Fields{"a": "1", "b": "2"}},
		{"charset", urlencoded + "; charset=utf-8", "a=1", form.Fields{"a": "1"}},
		{"letter case of the type", "Application/X-WWW-Form-Urlencoded", "a=1", form.Fields{"a": "1"}},
		{"first counts", urlencoded, "a=1&a=2", form.Fields{"a": "1"}},
		{"plus and percent", urlencoded, "a=x+y%2Bz%c3%A9", form.Fields{"a": "x y+zé"}},
		{"raw blank", urlencoded, "a=x y", form.Fields{"a": "x y"}},
		{"semicolon is text", urlencoded, "a=1;b=2", form.Fields{"a": "1;b=2"}},
		{"broken escapes stand for themselves", urlencoded, "a=%&b=%z1&c=%4", form.Fields{"a": "%", "b": "%z1", "c": "%4"}},
		{"not UTF-8", urlencoded, "a=x%ffy", form.Fields{"a": "x\uFFFDy"}},
		{"no value", urlencoded, "a&b=", form.Fields{"a": "", "b": ""}},
		{"other type", "text/plain", "a=1", form.Fields{}},
		{"no type", "", "a=1", form.Fields{}},
		{"multipart", "multipart/form-data; boundary=X", multi, form.Fields{"a": "one two"}},
		{"multipart without a boundary", "multipart/form-data", multi, form.Fields{}},
		{"empty", urlencoded, "", form.Fields{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("DELETE", "/?a=query", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			got, err := form.Read(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string][2]string{
		"multipart cut off": {"multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\non"},
		"too many fields":   {urlencoded, strings.Repeat("a=1&", 200)},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(c[1]))
			r.Header.Set("Content-Type", c[0])
			if got, err := form.Read(r); !errors.Is(err, form.ErrBody) {
				t.Errorf("got %v, %v; want ErrBody", got, err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(urlencoded, "a=1&b=%zz")
	f.Add("multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--X--")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		fields, err := form.Read(r)
		if err != nil && !errors.Is(err, form.ErrBody) {
			t.Fatalf("error %v, which callers do not know", err)
		}
		for name, value := range fields {
			if !utf8.ValidString(value) {
				t.Errorf("field %q is not UTF-8: %q", name, value)
			}
		}
	})
}
