package server_test

import (
	"context"
	"testing"

	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

// A twin is an Engine in which, while the first password is looked at, something else is faster.
type twin struct {
	password.Local
	faster func()
}

func (e *twin) Verify(ctx context.Context, encoded, plain string, p password.Params) (password.Verdict, error) {
	if e.faster != nil {
		e.faster()
		e.faster = nil
	}
	return e.Local.Verify(ctx, encoded, plain, p)
}

// TestSentTwice: of one form that was sent twice at once, as by a double click, the second finds that the first
// has given the session another token. It is not told that the password was wrong.
func TestSentTwice(t *testing.T) {
	for path, fields := range map[string][]string{
		"/account/delete":   {"proof", bobsPassword},
		"/account/email":    {"email", "bob@example.org", "old_password", bobsPassword},
		"/account/password": {"new_password", chosen, "old_password", bobsPassword},
	} {
		s := newSite(t, "memory")
		b := s.staleBrowser(s.bob)
		p := b.Open("/account")
		if path == "/account/delete" {
			p = b.Open(path).Form(path).Send()
		}
		s.people.Passwords = &password.Hasher{Params: s.people.Passwords.Params, Engine: &twin{faster: func() {
			token, err := s.sessions.Prove(t.Context(), session.Token(b.Cookies()["session"]))
			if err != nil {
				t.Error(err)
			}
			b.SetCookie("session", string(token))
		}}}
		stood := p.URL.Path
		p = p.Form(path).Set(fields...).Send()
		isPage(t, p, stood, 200, bobsEmail)
		if p.Says("not your password") {
			t.Errorf("%s: %s", path, p)
		}
	}
}
