package server_test

import (
	"context"
	"sync"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

// tokens are bearer tokens whose store can break.
type tokens struct {
	*token.Tokens
	keys *keyring.Keyring

	onBegin func(jwt session.Token) // called after each beginning; nil for nothing

	mu     sync.Mutex
	broken error // what every question is answered with
}

func newTokens(t testing.TB, sessions *session.Manager) *tokens {
	t.Helper()
	keys, err := keyring.Open(t.Context(), memory.NewKeys(), make([]byte, 32), keyring.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keys.Close)
	real, err := token.New(sessions, keys, token.Config{Issuer: "http://example.com", Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return &tokens{Tokens: real, keys: keys}
}

// Begin implements [account.Sessions].
func (t *tokens) Begin(ctx context.Context, who handstamp.Identity) (session.Session, session.Token, error) {
	s, jwt, err := t.Tokens.Begin(ctx, who)
	if err == nil && t.onBegin != nil {
		t.onBegin(jwt)
	}
	return s, jwt, err
}

// Renew implements [api.Tokens].
func (t *tokens) Renew(ctx context.Context, jwt session.Token) (session.Token, error) {
	if err := t.isBroken(); err != nil {
		return "", err
	}
	return t.Tokens.Renew(ctx, jwt)
}

// End implements [account.Sessions].
func (t *tokens) End(ctx context.Context, jwt session.Token) error {
	if err := t.isBroken(); err != nil {
		return err
	}
	return t.Tokens.End(ctx, jwt)
}

// Inspect implements [api.Tokens].
func (t *tokens) Inspect(ctx context.Context, jwt session.Token) (token.Claims, error) {
	if err := t.isBroken(); err != nil {
		return token.Claims{}, err
	}
	return t.Tokens.Inspect(ctx, jwt)
}

func (t *tokens) isBroken() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.broken
}

func (t *tokens) breakDown(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = err
}

// bearer returns a token of a user who has just signed in, as a header says it.
func (s *site) bearer(u account.User) string {
	s.t.Helper()
	_, jwt, err := s.tokens.Begin(context.Background(), handstamp.Identity{UserID: u.ID, Role: u.Role})
	if err != nil {
		s.t.Fatal(err)
	}
	return "Bearer " + string(jwt)
}
