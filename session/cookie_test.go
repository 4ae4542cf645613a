package session_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/session"
)

func TestReadCookie(t *testing.T) {
	strict, classic := session.Cookie{Name: "sid"}, session.Cookie{Name: "sid", Classic: true}
	for _, c := range []struct {
		name            string
		lines           []string
		strict, classic string // the token; empty for none
	}{
		{"none", nil, "", ""},
		{"another", []string{"other=1"}, "", ""},
		{"alone", []string{"sid=abc"}, "abc", "abc"},
		{"between others", []string{"a=b; sid=abc; c=d"}, "abc", "abc"},
		{"without blanks", []string{"a=b;sid=abc;c=d"}, "abc", "abc"},
		{"blank before the semicolon", []string{"sid=abc ; a=b"}, "abc", "abc"},
		{"blanks inside are kept", []string{"sid=C is fun"}, "C is fun", "C is fun"},
		{"quoted", []string{`sid="abc"`}, "abc", "abc"},
		{"half quoted", []string{`sid="abc`}, `"abc`, `"abc`},
		{"a single quote sign", []string{`sid="`}, `"`, `"`},
		{"value with an equals sign", []string{"sid=a=b=="}, "a=b==", "a=b=="},
		{"no equals sign", []string{"sid"}, "", ""},
		{"empty", []string{"sid="}, "", ""},
		{"empty and quoted", []string{`sid=""`}, "", ""},
		{"other letter case", []string{"SID=abc"}, "", ""},
		{"longer name", []string{"xsid=abc; sidx=abc"}, "", ""},
		{"quoted name", []string{`"sid"=abc`}, "", ""},
		{"Unicode blank before the name", []string{"\u2000sid=abc"}, "", ""},
		{"old version marks", []string{"$Version=1; sid=abc; $Path=/"}, "abc", "abc"},
		{"second header line", []string{"a=b", "sid=abc"}, "abc", "abc"},
		{"twice", []string{"sid=abc; sid=def"}, "", "abc"},
		{"twice the same", []string{"sid=abc; sid=abc"}, "", "abc"},
		{"twice, in two lines", []string{"sid=abc", "sid=def"}, "", "abc"},
		{"twice, the first empty", []string{"sid=; sid=def"}, "", ""},
		{"commas do not separate", []string{"a=b, sid=abc"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := http.Header{"Cookie": c.lines}
			for kind, want := range map[session.Cookie]string{strict: c.strict, classic: c.classic} {
				token, ok := kind.Read(header)
				if string(token) != want || ok != (want != "") {
					t.Errorf("Classic %v: Read = %q, %v; want %q", kind.Classic, string(token), ok, want)
				}
			}
		})
	}
}

func TestReadCookieAmongThousands(t *testing.T) {
	header := http.Header{"Cookie": {strings.Repeat("a=b; ", 5000) + "sid=abc"}}
	if token, _ := (session.Cookie{Name: "sid"}).Read(header); string(token) != "abc" {
		t.Error("the session cookie was lost among 5,000 others: its user would look logged out")
	}
}

func TestSetCookie(t *testing.T) {
	for want, cookie := range map[string]session.Cookie{
		"__Host-session=T; Path=/; HttpOnly; Secure; SameSite=Lax": {},
		"session=T; Path=/; HttpOnly; SameSite=Lax":                {Insecure: true},
		"app=T; Path=/; HttpOnly; Secure; SameSite=Lax":            {Name: "app"},
		"_my_session_id=T; Path=/":                                 {Name: "_my_session_id", Classic: true},
	} {
		header := http.Header{}
		cookie.Set(header, "T")
		if got := header.Get("Set-Cookie"); got != want {
			t.Errorf("Set-Cookie: %q, want %q", got, want)
		}
		// What was set is what is read.
		value, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
		if token, _ := cookie.Read(http.Header{"Cookie": {value}}); string(token) != "T" {
			t.Errorf("%+v does not read back what it has set", cookie)
		}
		header = http.Header{}
		cookie.Clear(header)
		if got := header.Get("Set-Cookie"); !strings.Contains(got, "=; ") || !strings.Contains(got, "Max-Age=0") {
			t.Errorf("clearing: %q", got)
		}
	}
}

func TestTokensDoNotShow(t *testing.T) {
	token := session.RandomToken()
	secret := string(token)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "group", slog.GroupValue(slog.Any("t", token)))
	shown := fmt.Sprintf("%v %s %q %x %d %+v %#v", token, token, token, token, token, struct{ T session.Token }{token}, []session.Token{token})
	for _, text := range []string{shown, log.String(), fmt.Errorf("no %w %v", session.ErrGone, token).Error()} {
		if strings.Contains(text, secret) || strings.Contains(text, secret[:10]) {
			t.Errorf("the token shows in %q", text)
		}
	}
}

func TestTokenForms(t *testing.T) {
	if n := len(session.RandomToken()); n != 43 {
		t.Errorf("a random token has %d characters, want 43: 256 bits", n)
	}
	if n := len(session.UUIDToken()); n != 36 {
		t.Errorf("a UUID token has %d characters, want 36", n)
	}
	long := session.Token(strings.Repeat("x", 1000))
	if long.Hash() == long[:999].Hash() {
		t.Error("the end of a long token does not count")
	}
}

// FuzzReadCookie: never panics, and finds what net/http finds where that is as strict as we are.
func FuzzReadCookie(f *testing.F) {
	for _, line := range []string{"sid=abc", "a=b; sid=abc", `sid="a b"`, "sid", "sid=a; sid=b", "=;=;sid==", "sid=\x00"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\r\n\x00") {
			t.Skip("no server lets such a header in")
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = []string{line}
		token, ok := (session.Cookie{Name: "sid"}).Read(r.Header)
		if ok != (token != "") {
			t.Fatalf("Read = %q, %v", string(token), ok)
		}
		if ok && !strings.Contains(line, string(token)) {
			t.Errorf("token %q is not in the header", string(token))
		}
		// net/http takes a word without an equals sign for a name; to browsers it is a value.
		theirs := slices.DeleteFunc(r.CookiesNamed("sid"), func(c *http.Cookie) bool { return c.Value == "" })
		if ok && len(theirs) > 1 {
			t.Errorf("accepted %q, of which net/http finds %d", line, len(theirs))
		}
		// net/http keeps blanks around a value.
		if len(theirs) == 1 && ok && strings.Trim(theirs[0].Value, " \t") != strings.Trim(string(token), " \t") {
			t.Errorf("token %q, where net/http finds %q", string(token), theirs[0].Value)
		}
	})
}

func TestCookieOfADomain(t *testing.T) {
	header := http.Header{}
	c := session.Cookie{Domain: "example.com"}
	c.Set(header, "token")
	c.Clear(header)
	want := []string{
		"__Secure-session=token; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax",
		"__Secure-session=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
	}
	if got := header["Set-Cookie"]; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
