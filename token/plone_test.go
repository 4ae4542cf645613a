package token_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token"
)

const plugin = "/plone/acl_users/jwt_auth"

// TestPloneForm is what others see of a token in the form of plone.restapi, and that it works as the others do.
func TestPloneForm(t *testing.T) {
	s := newSite(t, token.Config{Plone: plugin}, nil)
	begun, bearer := s.begin(t)
	if !strings.HasPrefix(string(bearer), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.") {
		t.Errorf("its header is another one: %s", string(bearer)[:40])
	}
	claims := claimsOf(t, string(bearer))
	if claims["sub"] != ann.String() || claims["exp"] != float64(begun.Until.Unix()) || claims["fullname"] != "" {
		t.Errorf("claims %v", claims)
	}
	s.wantGood(t, bearer)
	next := s.renew(t, bearer)
	s.wantGood(t, next)
	if c, err := s.Inspect(t.Context(), next); err != nil || c.Role != "admin" || c.Issuer != issuer || c.Audience != issuer {
		t.Errorf("Inspect: %+v, %v", c, err)
	}
	if err := s.End(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	s.wantRefused(t, bearer)
	s.wantRefused(t, next)

	// What goes to an upstream is signed with a key that the upstream cannot sign with.
	if text := s.upstream(t, s.signedIn(t), app); strings.HasPrefix(text, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.") {
		t.Error("an upstream's token has a shared secret")
	}
}

// TestPloneFormOff: where it is not asked for, no such token is good.
func TestPloneFormOff(t *testing.T) {
	s := newSite(t, token.Config{Plone: plugin}, nil)
	_, bearer := s.begin(t)
	without, err := token.New(s.sessions, s.keys, token.Config{Issuer: issuer, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := token.New(s.sessions, s.keys, token.Config{Issuer: issuer, Secret: make([]byte, 32), Plone: "/other/acl_users/jwt_auth"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tokens := range map[string]*token.Tokens{"without": without, "for another site": elsewhere} {
		if _, err := tokens.Authenticate(with(bearer)); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

// TestPloneClaimsInOrder: some read them by eye.
func TestPloneClaimsInOrder(t *testing.T) {
	s := newSite(t, token.Config{Plone: plugin}, nil)
	_, bearer := s.begin(t)
	text := payloadOf(t, string(bearer))
	var at []int
	for _, name := range []string{`{"sub":`, `"exp":`, `"fullname":""`, `"sid":`} {
		at = append(at, strings.Index(text, name))
	}
	if !slices.IsSorted(at) || at[0] != 0 {
		t.Errorf("claims are in another order: %s", text)
	}
}

// TestPlonesOwnTokens: the site that shares the secret makes tokens of its own. They have no session here, and so
// nobody is told that they are live.
func TestPlonesOwnTokens(t *testing.T) {
	s := newSite(t, token.Config{Plone: plugin}, nil)
	begun, _ := s.begin(t)
	for name, more := range map[string]string{"as Plone makes them": "", "with a session": `,"sid":"` + begun.ID.String() + `"`} {
		theirs, err := s.keys.SignPlone(fmt.Appendf(nil, `{"sub":%q,"exp":%d,"fullname":""%s}`, ann, begun.Until.Unix(), more), plugin)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := s.Inspect(t.Context(), session.Token(theirs)); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: Inspect: %+v, %v; want ErrInvalid", name, c, err)
		}
		s.wantRefused(t, session.Token(theirs))
	}
}
