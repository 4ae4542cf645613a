package account_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
)

func newChain() audit.Chain { return audit.NewChain([]byte("key")) }

// TestSetUp: a link makes one administrator, and only within its time.
func TestSetUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, _, _ := newOffice(t)
		newLink := func() session.Token {
			t.Helper()
			secret, err := people.NewSetupLink(t.Context(), 15*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		setUp := func(secret session.Token, email, plain string, want error) account.User {
			t.Helper()
			u, err := people.SetUp(t.Context(), secret, account.Details{Email: email, Password: plain, Role: "user"})
			if !errors.Is(err, want) {
				t.Errorf("SetUp for %s: %v, want %v", email, err, want)
			}
			return u
		}
		replaced, secret := newLink(), newLink()
		setUp(replaced, "a@example.com", bobsPassword, account.ErrNoLink)
		setUp(session.RandomToken(), "a@example.com", bobsPassword, account.ErrNoLink)
		setUp(secret, "a@example.com", "", account.ErrPassword)
		setUp(secret, "no email", bobsPassword, account.ErrEmail)
		if u := setUp(secret, "a@example.com", bobsPassword, nil); u.Role != "admin" {
			t.Errorf("role %q", u.Role)
		}
		setUp(secret, "b@example.com", bobsPassword, account.ErrNoLink)

		left := newLink()
		addUser(t, people, "c@example.com", "user")
		if ok, err := people.IsSetupLink(t.Context(), left); !ok || err != nil {
			t.Errorf("after another user was made: %v, %v", ok, err)
		}
		addUser(t, people, "d@example.com", "admin")
		setUp(left, "b@example.com", bobsPassword, account.ErrNoLink)

		late := newLink()
		time.Sleep(15*time.Minute - time.Microsecond)
		if ok, err := people.IsSetupLink(t.Context(), late); !ok || err != nil {
			t.Errorf("just in time: %v, %v", ok, err)
		}
		time.Sleep(time.Microsecond)
		if ok, err := people.IsSetupLink(t.Context(), late); ok || err != nil {
			t.Errorf("too late: %v, %v", ok, err)
		}
		setUp(late, "b@example.com", bobsPassword, account.ErrNoLink)

		people.Links = nil
		if _, err := people.NewSetupLink(t.Context(), time.Minute); !errors.Is(err, account.ErrNoLinks) {
			t.Errorf("without a place for links: %v", err)
		}
	})
}
