package token_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token"
)

func (s *site) wantGood(t *testing.T, bearer session.Token) {
	t.Helper()
	who, err := s.Authenticate(with(bearer))
	if err != nil || who.UserID != ann || who.Method != handstamp.MethodBearer {
		t.Errorf("token: %+v, %v; want ann, by bearer token", who, err)
	}
}

func (s *site) wantRefused(t *testing.T, bearer session.Token) {
	t.Helper()
	who, err := s.Authenticate(with(bearer))
	if !errors.Is(err, token.ErrInvalid) || !errors.Is(err, handstamp.ErrBadCredential) || !who.IsZero() {
		t.Errorf("token: %+v, %v; want ErrInvalid", who, err)
	}
}

func TestTokenSaysWhoAsks(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	begun, bearer := s.begin(t)
	for range 2 { // the second time it is remembered
		who, err := s.Authenticate(with(bearer))
		want := handstamp.Identity{
			UserID: ann, Role: "admin", Method: handstamp.MethodBearer, SessionID: begun.ID, ProvedAt: begun.ProvedAt,
		}
		if err != nil || who != want {
			t.Errorf("%+v, %v; want %+v", who, err, want)
		}
	}
}

func TestWhatRevokesEndsTokens(t *testing.T) {
	for name, revoke := range map[string]func(*site, session.Session, session.Token) error{
		"logout": func(s *site, _ session.Session, b session.Token) error { return s.End(t.Context(), b) },
		"by public name": func(s *site, is session.Session, _ session.Token) error {
			return s.sessions.EndID(t.Context(), ann, is.ID)
		},
		"of a user": func(s *site, _ session.Session, _ session.Token) error { return s.sessions.EndUser(t.Context(), ann) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, token.Config{}, nil)
			begun, bearer := s.begin(t)
			_, other := s.begin(t)
			s.wantGood(t, bearer)
			if err := revoke(s, begun, bearer); err != nil {
				t.Fatal(err)
			}
			s.wantRefused(t, bearer)
			if _, err := s.Renew(t.Context(), bearer); !errors.Is(err, token.ErrInvalid) {
				t.Errorf("renewing it: %v, want ErrInvalid", err)
			}
			if err := s.End(t.Context(), bearer); !errors.Is(err, token.ErrInvalid) {
				t.Errorf("ending it again: %v, want ErrInvalid", err)
			}
			if name != "of a user" {
				s.wantGood(t, other)
			}
		})
	}
}

func TestTokenIsGoodUntilItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{Lifetime: time.Hour}, nil)
		_, bearer := s.begin(t)
		time.Sleep(time.Hour - time.Nanosecond)
		s.wantGood(t, bearer)
		time.Sleep(time.Nanosecond)
		s.wantRefused(t, bearer) // at exp itself (RFC 7519, section 4.1.4)
		if _, err := s.Renew(t.Context(), bearer); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("renewing it: %v, want ErrInvalid", err)
		}
	})
}

func TestWhereATokenIsRead(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	_, bearer := s.begin(t)
	good := string(bearer)
	for _, c := range []struct {
		name   string
		header []string
		want   error
	}{
		{"none", nil, handstamp.ErrNoCredential},
		{"Basic", []string{"Basic YW5uOng="}, handstamp.ErrNoCredential},
		{"a scheme that begins alike", []string{"BearerToken " + good}, handstamp.ErrNoCredential},
		{"good", []string{"Bearer " + good}, nil},
		{"lower case", []string{"bearer " + good}, nil},
		{"upper case", []string{"BEARER   " + good}, nil},
		{"twice", []string{"Bearer " + good, "Bearer " + good}, token.ErrInvalid},
		{"beside Basic", []string{"Basic YW5uOng=", "Bearer " + good}, token.ErrInvalid},
		{"without a token", []string{"Bearer "}, token.ErrInvalid},
		{"the scheme alone", []string{"Bearer"}, token.ErrInvalid},
		{"two in one", []string{"Bearer " + good + " " + good}, token.ErrInvalid},
		{"a list", []string{"Bearer " + good + ", Bearer " + good}, token.ErrInvalid},
		{"a tab", []string{"Bearer \t" + good}, token.ErrInvalid},
		{"a control character", []string{"Bearer " + good + "\x00"}, token.ErrInvalid},
		{"padding", []string{"Bearer " + good + "="}, token.ErrInvalid},
		{"far too long", []string{"Bearer " + strings.Repeat("a", 5000)}, token.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Authenticate(request(c.header...))
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	r := request()
	r.URL.RawQuery = "access_token=" + good
	if _, err := s.Authenticate(r); !errors.Is(err, handstamp.ErrNoCredential) {
		t.Errorf("in the query: %v, want ErrNoCredential", err)
	}
}

// TestOpaqueTokenIsNoBearerToken: what finds the session in the store opens nothing.
func TestOpaqueTokenIsNoBearerToken(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	begun, _ := s.begin(t)
	s.wantRefused(t, s.SessionToken(begun.ID))
}

func TestChangedTokenIsRefused(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	_, bearer := s.begin(t)
	s.wantGood(t, bearer) // and it is remembered
	for i := range len(bearer) {
		changed := []byte(bearer)
		if changed[i]++; changed[i] == bearer[i] {
			continue
		}
		if _, err := s.Authenticate(with(session.Token(changed))); !errors.Is(err, token.ErrInvalid) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := s.Authenticate(with(bearer[:i])); !errors.Is(err, token.ErrInvalid) {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
	}
}

func TestTokenOfAnotherIssuer(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	other, err := token.New(s.sessions, s.keys, token.Config{Issuer: "https://other.example.com", Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	_, bearer, err := other.Begin(t.Context(), handstamp.Identity{UserID: ann})
	if err != nil {
		t.Fatal(err)
	}
	s.wantRefused(t, bearer) // though the same key has signed it
}

func TestRetiredKey(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	_, bearer := s.begin(t)
	s.wantGood(t, bearer)
	if _, err := s.keys.Rotate(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	s.wantGood(t, bearer)
	if _, err := s.keys.Rotate(t.Context(), 0); err != nil { // retires the one that signs now
		t.Fatal(err)
	}
	_, bearer = s.begin(t)
	s.wantGood(t, bearer)
	if _, err := s.keys.Rotate(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s.wantRefused(t, bearer)
}

// A brokenStore cannot be read.
type brokenStore struct{ session.Store }

func (brokenStore) Load(context.Context, session.Hash) (session.Record, error) {
	return session.Record{}, errors.New("disk on fire")
}

func TestBrokenStoreIsNotARefusal(t *testing.T) {
	whole := memory.New()
	s := newSite(t, token.Config{}, whole)
	_, bearer := s.begin(t)
	broken := session.New(brokenStore{whole})
	defer broken.Close()
	blind, err := token.New(broken, s.keys, token.Config{Issuer: issuer, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = blind.Authenticate(with(bearer))
	if err == nil || handstamp.StatusOf(err) != 503 {
		t.Errorf("Authenticate: %v, want an error that means 503", err)
	}
	if _, err := blind.Renew(t.Context(), bearer); err == nil || handstamp.StatusOf(err) != 503 {
		t.Errorf("Renew: %v, want an error that means 503", err)
	}
}

func TestChallenge(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	if got := s.Challenge(handstamp.ErrNoCredential); got != `Bearer realm="Handstamp"` {
		t.Errorf("without a credential: %s", got)
	}
	if got := s.Challenge(token.ErrInvalid); !strings.Contains(got, `error="invalid_token"`) {
		t.Errorf("with a bad token: %s", got)
	}
}

func TestWeakConfigIsRefused(t *testing.T) {
	for name, c := range map[string]token.Config{
		"short secret": {Issuer: issuer, Secret: make([]byte, 31)},
		"no issuer":    {Secret: make([]byte, 32)},
	} {
		if _, err := token.New(nil, nil, c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	s := newSite(b, token.Config{}, nil)
	_, bearer := s.begin(b)
	r := with(bearer)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
