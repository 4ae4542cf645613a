package account_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/account"
)

func TestSearchKey(t *testing.T) {
	for _, c := range []struct{ name, text, key string }{
		{"empty", "", ""},
		{"letter case", "Ada LOVELACE", "ada lovelace"},
		{"accents as one", "Zoë Ångström", "zoe angstrom"},
		{"accents composed", "Zoe\u0308 A\u030angstro\u0308m", "zoe angstrom"},
		{"sharp s", "Straße STRASSE STRAẞE", "strasse strasse strasse"},
		{"I with a dot and without", "İstanbul Işık IŞIK", "istanbul isik isik"},
		{"Cherokee", "ᏣᎳᎩ ꮳꮃꭹ", "ꮳꮃꭹ ꮳꮃꭹ"},
		{"final sigma", "ΟΔΥΣΣΕΎΣ Οδυσσεύς", "οδυσσευσ οδυσσευσ"},
		{"iota below", "ᾳ", "α"},
		{"Cyrillic is not Latin", "АВ", "ав"},
		{"full width", "ＢＯＢ＠ｘ", "bob@x"},
		{"ligature", "ﬁnn", "finn"},
		{"blanks", " \ta\u00a0\u3000 b\r\n", "a b"},
		{"control characters", "a\x00b\x1bc", "a b c"},
		{"what is not seen", "b\u200bo\u00adb\u202e", "bob"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"nothing is left", "\u0301\u200d ", ""},
		{"wildcards stay", `%_\*`, `%_\*`},
	} {
		if got := account.SearchKey(c.text); got != c.key {
			t.Errorf("%s: SearchKey(%+q) = %+q, want %+q", c.name, c.text, got, c.key)
		}
	}
}

// TestSearchKeyOfAPart is in that of the whole: else somebody would not be found by a part of the name.
func TestSearchKeyOfAPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b"), rapid.String().Draw(t, "c")
		if whole, part := account.SearchKey(a+b+c), account.SearchKey(b); !strings.Contains(whole, part) {
			t.Fatalf("%+q is not in %+q", part, whole)
		}
	})
}

func TestSearchText(t *testing.T) {
	name := func(s string) *string { return &s }
	for want, u := range map[string]account.User{
		"ada@x.de\nada lovelace": {Email: "Ada@x.de", FirstName: name(" Ada"), LastName: name("Lovelace ")},
		"ada@x.de\nlovelace":     {Email: "ada@x.de", FirstName: name(""), LastName: name("Lovelace")},
		"a b\nada":               {Email: "a\nb", FirstName: name("Ada")},
		"\n":                     {},
	} {
		if got := u.SearchText(); got != want {
			t.Errorf("%+q, want %+q", got, want)
		}
	}
}

// FuzzSearchKey: a key is its own key, and has nothing in it that a database might take for something
// else, or for the end of the text.
func FuzzSearchKey(f *testing.F) {
	for _, text := range []string{"", "Zoë", "İ\u0345Σ", "\ufdfa", "각", "a\x00b", "\xff", "%_\\", "\u1e9e\u0149\u01f0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key := account.SearchKey(text)
		if again := account.SearchKey(key); again != key {
			t.Errorf("SearchKey(%+q) = %+q, and of that %+q", text, key, again)
		}
		if !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) || strings.TrimSpace(key) != key {
			t.Errorf("SearchKey(%+q) = %+q", text, key)
		}
	})
}
