package account_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/memory"
)

// withHeaders returns a request with these Authorization headers.
func withHeaders(values ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/users/me", http.NoBody)
	if values != nil {
		r.Header["Authorization"] = values
	}
	return r
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// TestBasic is the table of what the founding API was measured to answer, in the strict variant,
// and of what a stranger will try.
func TestBasic(t *testing.T) {
	none, bad := handstamp.ErrNoCredential, handstamp.ErrBadCredential
	people := newPeople(t, memory.NewUsers())
	for email, plain := range map[string]string{
		bobsEmail: bobsPassword, "colon@x.de": "a:b:", "zoé@x.de": "pässwörd", "blank@x.de": " p ", "pad@x.de": "pp",
	} {
		if _, err := people.Create(t.Context(), account.Details{Email: email, Password: plain}); err != nil {
			t.Fatal(err)
		}
	}
	good := b64(bobsEmail + ":" + bobsPassword)
	padded := b64("pad@x.de:pp") // ends in one =
	if good != "Ym9iQGhidG4uaW86SDBsYmVydG9uU2Nob29sOTgh" || !strings.HasSuffix(padded, "=") || strings.HasSuffix(padded, "==") {
		t.Fatalf("%s %s", good, padded)
	}
	for _, c := range []struct {
		name    string
		headers []string
		want    error // nil for an Identity
		exact   error // the same with ExactScheme
	}{
		{"good", []string{"Basic " + good}, nil, nil},
		{"colon in the password", []string{"Basic " + b64("colon@x.de:a:b:")}, nil, nil},
		{"not ASCII", []string{"Basic " + b64("zoé@x.de:pässwörd")}, nil, nil},
		{"email in other letter case", []string{"Basic " + b64("BOB@hbtn.io:"+bobsPassword)}, nil, nil},
		{"blanks count", []string{"Basic " + b64("blank@x.de: p ")}, nil, nil},
		{"padded", []string{"Basic " + padded}, nil, nil},

		{"no header", nil, none, none},
		{"empty header", []string{""}, none, none},
		{"lower-case scheme", []string{"basic " + good}, nil, none},
		{"upper-case scheme", []string{"BASIC " + good}, nil, none},
		{"another scheme", []string{"Bearer " + good}, none, none},
		{"no blank", []string{"Basic" + good}, none, none},
		{"tab", []string{"Basic\t" + good}, none, none},
		{"token only", []string{good}, none, none},
		{"founding documents' Test", []string{"Test"}, none, none},
		{"blank before", []string{" Basic " + good}, none, none},
		{"scheme with a long s", []string{"Ba\u017fic " + good}, none, none},
		{"scheme only", []string{"Basic"}, bad, bad},
		{"scheme and blank", []string{"Basic "}, bad, bad},
		{"two blanks", []string{"Basic  " + good}, bad, bad},
		{"blank in base64", []string{"Basic " + good[:8] + " " + good[8:]}, bad, bad},
		{"blank after", []string{"Basic " + good + " "}, bad, bad},
		{"line ends in base64", []string{"Basic " + good[:8] + "\r\n" + good[8:]}, bad, bad},
		{"foreign character", []string{"Basic " + good[:8] + "$" + good[8:]}, bad, bad},
		{"data after padding", []string{"Basic " + padded + "YQ=="}, bad, bad},
		{"extra padding", []string{"Basic " + padded + "=="}, bad, bad},
		{"missing padding", []string{"Basic " + strings.TrimRight(padded, "=")}, bad, bad},
		{"bits left over", []string{"Basic " + strings.Replace(padded, "A=", "B=", 1)}, bad, bad},
		{"not base64", []string{"Basic test"}, bad, bad},
		{"URL-safe alphabet", []string{"Basic " + base64.URLEncoding.EncodeToString([]byte("zoé@x.de:???>>>"))}, bad, bad},
		{"not UTF-8", []string{"Basic " + b64("zo\xe9@x.de:p\xe4ssw\xf6rd")}, bad, bad},
		{"overlong UTF-8", []string{"Basic " + b64("bob\xc0\x80@hbtn.io:p")}, bad, bad},
		{"no colon", []string{"Basic " + b64(bobsEmail)}, bad, bad},
		{"empty email", []string{"Basic " + b64(":"+bobsPassword)}, bad, bad},
		{"empty password", []string{"Basic " + b64(bobsEmail+":")}, bad, bad},
		{"colon only", []string{"Basic " + b64(":")}, bad, bad},
		{"blank before the email", []string{"Basic " + b64(" "+bobsEmail+":"+bobsPassword)}, bad, bad},
		{"newline after the password", []string{"Basic " + b64(bobsEmail+":"+bobsPassword+"\n")}, bad, bad},
		{"NUL after the password", []string{"Basic " + b64(bobsEmail+":"+bobsPassword+"\x00")}, bad, bad},
		{"NUL in the email", []string{"Basic " + b64("bob\x00@hbtn.io:"+bobsPassword)}, bad, bad},
		{"DEL", []string{"Basic " + b64(bobsEmail+"\x7f:"+bobsPassword)}, bad, bad},
		{"wrong password", []string{"Basic " + b64(bobsEmail+":wrong")}, bad, bad},
		{"unknown user", []string{"Basic " + b64("eve@hbtn.io:"+bobsPassword)}, bad, bad},
		{"two headers", []string{"Basic " + good, "Basic " + good}, bad, bad},
		{"a second header of another scheme", []string{"Basic " + good, "Bearer x"}, bad, bad},
		{"a second empty header", []string{"Basic " + good, ""}, bad, bad},
		{"two, joined", []string{"Basic " + good + ", Basic " + good}, bad, bad},
		{"long password", []string{"Basic " + b64(bobsEmail+":"+strings.Repeat("x", password.MaxBytes+1))}, bad, bad},
		{"long password of nobody", []string{"Basic " + b64("eve@x.de:"+strings.Repeat("x", 1<<20))}, bad, bad},
		{"long email", []string{"Basic " + b64(strings.Repeat("x", 1<<20)+"@x.de:p")}, bad, bad},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, exact := range []bool{false, true} {
				basic := people.Basic("Login Required")
				want := c.want
				if basic.ExactScheme = exact; exact {
					want = c.exact
				}
				who, err := basic.Authenticate(withHeaders(c.headers...))
				if !errors.Is(err, want) || err != nil && (!who.IsZero() || errors.Is(err, password.ErrTooLong)) {
					t.Errorf("exact %v: %+v, %v; want %v", exact, who, err, want)
				}
				if want == nil && (who.UserID.IsZero() || who.Method != handstamp.MethodBasic) {
					t.Errorf("exact %v: %+v", exact, who)
				}
			}
		})
	}
}

// TestBasicIdentity says who, with which role, and that the password was proved just now.
func TestBasicIdentity(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	bob := addBob(t, people)
	before := time.Now()
	who, err := people.Basic("x").Authenticate(withHeaders("Basic " + b64("BOB@hbtn.io:"+bobsPassword)))
	proved := who.ProvedAt
	who.ProvedAt = time.Time{}
	want := handstamp.Identity{UserID: bob.ID, Name: bobsEmail, Role: "admin", Method: handstamp.MethodBasic}
	if err != nil || who != want || proved.Before(before) || proved.After(time.Now()) {
		t.Errorf("%+v proved at %v, %v; want %+v", who, proved, err, want)
	}
}

// TestBasicChallenge is the answer of the founding notes, to the letter.
func TestBasicChallenge(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	guard := handstamp.NewGuard(people.Basic("Login Required"))
	w := httptest.NewRecorder()
	guard.Require()(http.NotFoundHandler()).ServeHTTP(w, withHeaders())
	answer := w.Result()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusUnauthorized || string(body) != "Unauthorized" {
		t.Errorf("%d %q, %v; want 401 Unauthorized", answer.StatusCode, body, err)
	}
	if got := answer.Header.Get("WWW-Authenticate"); got != `Basic realm="Login Required"` {
		t.Errorf("WWW-Authenticate: %s", got)
	}
	if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
		t.Errorf("Content-Type: %s", got)
	}
	for realm, want := range map[string]string{"": `""`, `a "b" \c`: `"a \"b\" \\c"`} {
		if got := (&account.Basic{Realm: realm}).Challenge(nil); got != "Basic realm="+want {
			t.Errorf("realm %q: %s", realm, got)
		}
	}
	if got := (&account.Basic{Realm: "a", UTF8: true}).Challenge(nil); got != `Basic realm="a", charset="UTF-8"` {
		t.Errorf("with UTF8: %s", got)
	}
	if got := (&account.Basic{Realm: "a\r\nSet-Cookie: x=y"}).Challenge(nil); strings.ContainsAny(got, "\r\n") {
		t.Errorf("a realm splits the header: %q", got)
	}
}

// TestVerifier is the callback for those who have no accounts here.
func TestVerifier(t *testing.T) {
	id := handstamp.IDOf("susan")
	for name, c := range map[string]struct {
		who    handstamp.Identity
		err    error
		status int
	}{
		"known by name":    {handstamp.Identity{Name: "susan"}, nil, 200},
		"known by ID":      {handstamp.Identity{UserID: id, Role: "admin"}, nil, 200},
		"nobody":           {handstamp.Identity{}, nil, 401},
		"nobody with role": {handstamp.Identity{Role: "admin"}, nil, 401},
		"refused":          {handstamp.Identity{}, handstamp.ErrBadCredential, 401},
		"refused, named":   {handstamp.Identity{Name: "susan"}, handstamp.ErrBadCredential, 401},
		"directory down":   {handstamp.Identity{Name: "susan"}, errDown, 503},
		"too many":         {handstamp.Identity{}, password.ErrBusy, 503},
	} {
		t.Run(name, func(t *testing.T) {
			type key struct{}
			basic := &account.Basic{Verify: func(ctx context.Context, name, plain string) (handstamp.Identity, error) {
				if name != "susan" || plain != "bye:x" || ctx.Value(key{}) != "request" {
					t.Errorf("asked about %q, %q with %v", name, plain, ctx)
				}
				return c.who, c.err
			}}
			r := withHeaders("Basic " + b64("susan:bye:x"))
			r = r.WithContext(context.WithValue(t.Context(), key{}, "request"))
			who, err := basic.Authenticate(r)
			if got := handstamp.StatusOf(err); got != c.status {
				t.Errorf("%v means %d, want %d", err, got, c.status)
			}
			if c.status != 200 {
				if !who.IsZero() {
					t.Errorf("%+v beside an error", who)
				}
				return
			}
			if who.Name != c.who.Name || who.UserID != c.who.UserID || who.Role != c.who.Role ||
				who.Method != handstamp.MethodBasic || time.Since(who.ProvedAt) > time.Minute {
				t.Errorf("%+v, want %+v by Basic, just now", who, c.who)
			}
		})
	}
}

// FuzzBasic: a Verifier sees well-formed pairs only, and exactly what the header says; all else is
// refused before any work.
func FuzzBasic(f *testing.F) {
	for _, header := range []string{
		"", "Basic", "Basic ", "Basic  ", "basic Og==", "Basic " + b64("a:b"), "Basic " + b64("a:b:c"), "Basic " + b64("é:ü"),
		"Basic " + b64("a:\x00"), "Basic " + b64("a:\x7f"), "Basic " + b64(":b"), "Basic " + b64("a:"), "Basic " + b64("\xff:b"), "BASIC YTpi", "Basic YTpi=", "Basic YTpi\n", "Basic YT pi", "Bearer YTpi", "Basic YTpiYg",
	} {
		f.Add(header, false)
		f.Add(header, true)
	}
	f.Fuzz(func(t *testing.T, header string, exact bool) {
		asked := false
		basic := &account.Basic{ExactScheme: exact}
		basic.Verify = func(_ context.Context, name, plain string) (handstamp.Identity, error) {
			asked = true
			if name == "" || plain == "" || strings.Contains(name, ":") || !utf8.ValidString(name+plain) {
				t.Fatalf("%q: asked about %q, %q", header, name, plain)
			}
			for _, c := range []byte(name + plain) {
				if c < ' ' || c == 0x7f {
					t.Fatalf("%q: asked about %q, %q", header, name, plain)
				}
			}
			if want := b64(name + ":" + plain); len(header) < 6 || header[6:] != want || exact && header[:6] != "Basic " {
				t.Fatalf("%q was read as the pair that is spelled %q", header, want)
			}
			return handstamp.Identity{Name: name}, nil
		}
		who, err := basic.Authenticate(withHeaders(header))
		if asked != (err == nil) || asked == who.IsZero() {
			t.Fatalf("%q: asked %v, answered %v, %v", header, asked, who, err)
		}
		if err != nil && !errors.Is(err, handstamp.ErrBadCredential) && !errors.Is(err, handstamp.ErrNoCredential) {
			t.Fatalf("%q: %v", header, err)
		}
	})
}
