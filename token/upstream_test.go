package token_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token"
)

const app = "https://app.example.com"

// signedIn begins a session with a cookie and returns who asks with it.
func (s *site) signedIn(t *testing.T) handstamp.Identity {
	t.Helper()
	begun, _, err := s.sessions.Begin(t.Context(), handstamp.Identity{UserID: ann, Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	return begun.Identity(handstamp.MethodSession)
}

func (s *site) upstream(t *testing.T, who handstamp.Identity, audience string) string {
	t.Helper()
	text, err := s.ForUpstream(t.Context(), who, audience)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// payloadOf returns the claims of a token as they are written.
func payloadOf(t *testing.T, text string) string {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", text)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}

// claimsOf reads what anybody can read.
func claimsOf(t *testing.T, text string) map[string]any {
	t.Helper()
	var claims map[string]any
	if err := json.Unmarshal([]byte(payloadOf(t, text)), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestUpstreamToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{Lease: 3 * time.Second}, nil)
		who := s.signedIn(t)
		time.Sleep(700 * time.Millisecond) // so that what is rounded shows
		claims := claimsOf(t, s.upstream(t, who, app))
		for name, want := range map[string]any{
			"iss": issuer, "sub": ann.String(), "aud": app, "sid": who.SessionID.String(), "role": "admin",
			"iat": float64(time.Now().Unix()), "exp": float64(time.Now().Unix() + 3),
		} {
			if claims[name] != want {
				t.Errorf("%s: %v, want %v", name, claims[name], want)
			}
		}
		if jti, _ := claims["jti"].(string); jti == "" {
			t.Error("no jti")
		}
	})
}

// TestUpstreamTokenEndsWithTheLease whenever it is asked for: what is remembered, too.
func TestUpstreamTokenEndsWithTheLease(t *testing.T) {
	for _, lease := range []time.Duration{0, 2 * time.Second, 5 * time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, token.Config{Lease: lease}, nil)
			who := s.signedIn(t)
			want := min(s.Lease, token.MaxUpstream)
			made := map[string]bool{}
			for range 600 {
				time.Sleep(10 * time.Millisecond)
				text := s.upstream(t, who, app)
				made[text] = true
				exp, _ := claimsOf(t, text)["exp"].(float64)
				left := time.Until(time.Unix(int64(exp), 0))
				if left > want || left < want/2-time.Second/2 {
					t.Fatalf("lease %s: the token is good for %s", lease, left)
				}
			}
			if len(made) > 12 {
				t.Errorf("lease %s: %d tokens were signed in 6 s", lease, len(made))
			}
		})
	}
}

func TestUpstreamTokensAreForOne(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	who, other := s.signedIn(t), s.signedIn(t)
	one := s.upstream(t, who, app)
	if s.upstream(t, who, app) != one {
		t.Error("the next request was signed again")
	}
	if s.upstream(t, who, "https://other.example.com") == one || s.upstream(t, other, app) == one {
		t.Error("another app, or another session, got the same token")
	}
	changed := who
	changed.Role = "user"
	if s.upstream(t, changed, app) == one {
		t.Error("another role got the same token")
	}
}

func TestUpstreamTokenOpensNothingHere(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	who := s.signedIn(t)
	for _, audience := range []string{app, issuer} {
		bearer := session.Token(s.upstream(t, who, audience))
		s.wantRefused(t, bearer)
		if _, err := s.Renew(t.Context(), bearer); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("Renew: %v, want ErrInvalid", err)
		}
		if err := s.End(t.Context(), bearer); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("End: %v, want ErrInvalid", err)
		}
	}
}

func TestInspect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{}, nil)
		begun, bearer := s.begin(t)
		who := s.signedIn(t)
		upstream := session.Token(s.upstream(t, who, app))

		c, err := s.Inspect(t.Context(), bearer)
		if err != nil || c.Subject != ann || c.SessionID != begun.ID || c.Role != "admin" || c.Audience != issuer ||
			!c.ExpiresAt.Equal(begun.Until) || c.Issuer != issuer || c.ID == "" {
			t.Errorf("access token: %+v, %v", c, err)
		}
		if c, err := s.Inspect(t.Context(), upstream); err != nil || c.Audience != app || c.SessionID != who.SessionID {
			t.Errorf("upstream's token: %+v, %v", c, err)
		}
		if err := s.sessions.EndUser(t.Context(), ann); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]session.Token{"access token": bearer, "upstream's": upstream, "garbage": "a.b.c", "empty": ""} {
			if c, err := s.Inspect(t.Context(), text); !errors.Is(err, token.ErrInvalid) {
				t.Errorf("%s after its session has ended: %+v, %v; want ErrInvalid", name, c, err)
			}
		}
		late := session.Token(s.upstream(t, s.signedIn(t), app))
		time.Sleep(token.DefaultLease)
		if _, err := s.Inspect(t.Context(), late); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("expired: %v, want ErrInvalid", err)
		}
	})
}
