package token_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

const issuer = "https://id.example.com"

var ann = handstamp.IDOf("ann")

// A site is all that tokens need.
type site struct {
	*token.Tokens
	sessions *session.Manager
	keys     *keyring.Keyring

	mu     sync.Mutex
	events []handstamp.Event
}

// newSite returns a site with an empty store, or with store.
func newSite(t testing.TB, c token.Config, store session.Store) *site {
	t.Helper()
	if store == nil {
		store = memory.New()
	}
	s := &site{sessions: session.New(store)}
	t.Cleanup(s.sessions.Close)
	s.sessions.Notify = func(_ context.Context, e handstamp.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}
	keys, err := keyring.Open(t.Context(), memory.NewKeys(), make([]byte, 32), keyring.Config{Plone: c.Plone != ""})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keys.Close)
	s.keys = keys
	c.Issuer, c.Secret = issuer, make([]byte, 32)
	if s.Tokens, err = token.New(s.sessions, keys, c); err != nil {
		t.Fatal(err)
	}
	return s
}

// begin signs ann in.
func (s *site) begin(t testing.TB) (session.Session, session.Token) {
	t.Helper()
	begun, bearer, err := s.Begin(t.Context(), handstamp.Identity{UserID: ann, Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	return begun, bearer
}

// request returns a request with these Authorization headers.
func request(values ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	for _, value := range values {
		r.Header.Add("Authorization", value)
	}
	return r
}

func with(bearer session.Token) *http.Request { return request("Bearer " + string(bearer)) }

// heard returns how many events of this kind there were.
func (s *site) heard(action handstamp.Action) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Action == action {
			n++
		}
	}
	return n
}
