package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"Ada Lovelace":         "Ada Lovelace",
		"zoé 東京 😀 <&>\"'\\":    "zoé 東京 😀 <&>\"'\\",
		"a\tb\nc\rd":           "a�b�c�d",
		"\x1b[2J\x07":          "�[2J�",
		"\x00\x7f":             "��",
		"\u0085\u009b31m":      "��31m", // control characters of eight bits
		"abc\u202etxt.exe":     "abc�txt.exe",
		"\u2066a\u2069\u200f":  "�a��",
		"a\u200bb\ufeff":       "a�b�",
		"a\u00a0b":             "a�b",
		"line\u2028paragraph":  "line�paragraph",
		"\ue000\U000e0041":     "��",
		"\xff\xfeok":           "��ok",
		"e\u0301":              "e\u0301",
		"\ufffd":               "�",
		strings.Repeat("a", 9): "aaaaaaaaa",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// fileWith returns an open file that holds text.
func fileWith(t *testing.T, text string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestPasswordStdin: the first line, to the letter.
func TestPasswordStdin(t *testing.T) {
	full := strings.Repeat("p", 4096)
	for _, row := range []struct{ text, want, says string }{
		{"secret\n", "secret", ""},
		{"secret", "secret", ""},
		{"secret\r\n", "secret", ""},
		{"secret\nmore\n", "secret", ""},
		{"  two words \t\n", "  two words \t", ""},
		{"secret\r", "secret", ""},
		{"a\rb\n", "a\rb", ""},
		{"pä😀\n", "pä😀", ""},
		{full + "\n", full, ""},
		{full + "\r\n", full, ""},
		{full, full, ""},
		{"", "", "the password is empty"},
		{"\n", "", "the password is empty"},
		{"\r\n", "", "the password is empty"},
		{"\nsecret\n", "", "the password is empty"},
		{"p\xff\n", "", "not UTF-8"},
	} {
		got, err := passwordFlags{PasswordStdin: true}.password(t.Context(), terminal{in: fileWith(t, row.text)})
		if got != row.want || (err == nil) != (row.says == "") || err != nil && !strings.Contains(err.Error(), row.says) {
			t.Errorf("%.20q: %.20q, %v", row.text, got, err)
		}
	}
}

// TestPasswordTooLong: what is cut off here must still be too long where that is decided, and not
// be taken for something else.
func TestPasswordTooLong(t *testing.T) {
	for _, char := range []string{"p", "ä", "東", "😀"} {
		text := strings.Repeat(char, 10_000/len(char))
		got, err := passwordFlags{PasswordStdin: true}.password(t.Context(), terminal{in: fileWith(t, text)})
		if err == nil && len(got) <= 4096 {
			t.Errorf("%s: a password was cut to %d bytes", char, len(got))
		}
		if err != nil && !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s: %v", char, err)
		}
	}
}
