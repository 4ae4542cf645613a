package forward_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/forward"
)

func asked(uri string) forward.Asked {
	return forward.Asked{Method: "GET", Scheme: "https", Host: app, URI: uri}
}

// TestPublicPath: who is asking is told where it is known, and whatever is wrong with a credential or a store, the
// path is public.
func TestPublicPath(t *testing.T) {
	user := handstamp.NewID()
	for name, row := range map[string]struct {
		who         handstamp.Identity
		err         error
		emailErr    error
		upstreamErr error
		known       bool
		wantErr     error
	}{
		"nobody":             {err: handstamp.ErrNoCredential},
		"a bad credential":   {err: handstamp.ErrBadCredential},
		"too many attempts":  {err: handstamp.ErrTooMany},
		"somebody":           {who: handstamp.Identity{UserID: user}, known: true},
		"a broken store":     {err: errStore, wantErr: errStore},
		"a broken directory": {who: handstamp.Identity{UserID: user}, emailErr: errStore, wantErr: errStore},
		"a broken keyring":   {who: handstamp.Identity{UserID: user}, upstreamErr: errStore, wantErr: errStore},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, testRule, func(c *forward.Config) {
				c.Identify = func(*http.Request) (handstamp.Identity, error) { return row.who, row.err }
				c.Email = func(context.Context, handstamp.ID) (string, error) { return "ada@example.com", row.emailErr }
				c.Upstream = func(context.Context, handstamp.Identity, string) (string, error) { return "jwt", row.upstreamErr }
			})
			r := httptest.NewRequest("GET", "/", nil)
			verdict := d.Judge.Decide(r, asked("/static/x"))
			want := nobody
			if row.known {
				want = user.String() + "\nada@example.com\n\n\nBearer jwt"
			}
			if got := identity(verdict.Header); verdict.Status != 200 || got != want || !errors.Is(verdict.Err, row.wantErr) {
				t.Errorf("public: %d %v\n%q", verdict.Status, verdict.Err, got)
			}
			answer := d.send(ask{method: "GET", host: app, uri: "/static/x"}.nginx())
			if answer.StatusCode != 200 || (len(d.broken) == 1) != (row.wantErr != nil) {
				t.Errorf("public: %d, and %d were told that something is broken", answer.StatusCode, len(d.broken))
			}

			// The same where somebody has to be signed in.
			verdict = d.Judge.Decide(r, asked("/x"))
			status := http.StatusOK
			if err := errors.Join(row.err, row.emailErr, row.upstreamErr); err != nil {
				status = handstamp.StatusOf(err)
			}
			if got := identity(verdict.Header); verdict.Status != status || got != want {
				t.Errorf("protected: %d, want %d\n%q", verdict.Status, status, got)
			}
		})
	}
}

// TestBrokenIsNoRefusal: a browser is not sent to the login by a store that is down.
func TestBrokenIsNoRefusal(t *testing.T) {
	d := newDesk(t, testRule, func(c *forward.Config) {
		c.Identify = func(*http.Request) (handstamp.Identity, error) { return handstamp.Identity{}, errStore }
	})
	for name, by := range ways {
		answer := d.send(by(ask{method: "GET", host: app, scheme: "https", uri: "/x", pairs: browser}))
		if answer.StatusCode != 503 || answer.Header.Get("Location")+answer.Header.Get("X-Auth-Redirect") != "" {
			t.Errorf("%s: %d %v", name, answer.StatusCode, answer.Header)
		}
	}
	if len(d.broken) != len(ways) {
		t.Errorf("%d errors were told of, want %d", len(d.broken), len(ways))
	}
}

// TestNoControlsInHeaders: what is known of a user never splits an answer.
func TestNoControlsInHeaders(t *testing.T) {
	for value, status := range map[string]int{"a\r\nSet-Cookie: x": 503, "a\x00": 503, "a\x7f": 503, "ädä@exämple.com": 200} {
		d := newDesk(t, nil)
		who, cookie := d.enter("user")
		d.emails[who.UserID] = value
		answer := d.send(ask{method: "GET", host: app, uri: "/", cookie: cookie}.nginx())
		if answer.StatusCode != status || status == 503 && identity(answer.Header) != nobody {
			t.Errorf("%q: %d\n%s", value, answer.StatusCode, identity(answer.Header))
		}
	}
}

// TestEmailIsRememberedShortly: a page of many files is one question, and a new email is there after two seconds.
func TestEmailIsRememberedShortly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		questions, email := 0, "old@example.com"
		user := handstamp.NewID()
		judge, err := forward.New(forward.Config{
			Identify: func(*http.Request) (handstamp.Identity, error) { return handstamp.Identity{UserID: user}, nil },
			Email:    func(context.Context, handstamp.ID) (string, error) { questions++; return email, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		for range 50 {
			judge.Decide(r, asked("/"))
		}
		if questions != 1 {
			t.Errorf("%d questions for one page", questions)
		}
		email = "new@example.com"
		time.Sleep(2 * time.Second)
		if got := judge.Decide(r, asked("/")).Header.Get("X-Auth-Email"); got != email {
			t.Errorf("%q after two seconds", got)
		}
	})
}

// TestEndedSession is refused by the next request.
func TestEndedSession(t *testing.T) {
	d := newDesk(t, nil)
	who, cookie := d.enter("user")
	a := ask{method: "GET", host: app, uri: "/", cookie: cookie}
	if answer := d.send(a.nginx()); answer.StatusCode != 200 {
		t.Fatalf("%d", answer.StatusCode)
	}
	if err := d.sessions.EndUser(t.Context(), who.UserID); err != nil {
		t.Fatal(err)
	}
	if answer := d.send(a.nginx()); answer.StatusCode != 401 || identity(answer.Header) != nobody {
		t.Errorf("%d after the end", answer.StatusCode)
	}
}

// TestWithoutPages nobody is sent anywhere.
func TestWithoutPages(t *testing.T) {
	d := newDesk(t, testRule, func(c *forward.Config) { c.Login, c.Confirm = "", "" })
	answer := d.send(ask{method: "GET", host: app, uri: "/x", pairs: browser}.traefik())
	if answer.StatusCode != 401 {
		t.Errorf("%d", answer.StatusCode)
	}
}
