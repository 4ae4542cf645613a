package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
)

// TestRulesAtEveryDoor by which a password comes in: each error keeps its type, nothing is hashed for it,
// and nothing has changed.
func TestRulesAtEveryDoor(t *testing.T) {
	people, store, _ := newOffice(t)
	engine := &spyEngine{}
	people.Passwords = &password.Hasher{Params: cheap, Engine: engine}
	bob := addUser(t, people, bobsEmail, "user") // before there were rules
	pippi, err := people.Create(t.Context(), account.Details{
		Email: "pippilotta@example.net", FirstName: ptr("Viktualia"), Role: "user", Password: bobsPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
	rules := account.PasswordRules{Service: []string{"login.example.org"}}
	people.Rules = func() account.PasswordRules { return rules }
	link, err := people.NewSetupLink(t.Context(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	reset := newResetLink(t, people, pippi.ID)
	details := func(plain string) account.Details {
		return account.Details{Email: "pippilotta@hbtn.io", FirstName: ptr("Viktualia"), Role: "user", Password: plain}
	}
	doors := map[string]func(plain string) error{
		"Create": func(plain string) error { _, err := people.Create(t.Context(), details(plain)); return err },
		"Reset":  func(plain string) error { _, err := people.Reset(t.Context(), reset, plain); return err },
		"SetUp":  func(plain string) error { _, err := people.SetUp(t.Context(), link, details(plain)); return err },
		"Edit": func(plain string) error {
			_, err := people.Edit(t.Context(), bob.ID, account.Edit{
				Password: &plain, Email: ptr("pippilotta@hbtn.io"), FirstName: &account.Name{Text: ptr("Viktualia")},
			})
			return err
		},
	}
	for name, door := range doors {
		for plain, want := range map[string]error{
			"":                        nil,
			"correct\x00horse batt":   nil,
			"mailcreated5240":         password.ErrTooCommon,
			"abcabcabcabcabc":         password.ErrTooRegular,
			"Pippilotta 2026!!":       password.ErrTooPersonal,
			"viktualia123456":         password.ErrTooPersonal,
			"login example org":       password.ErrTooPersonal,
			strings.Repeat("x ", 600): password.ErrTooLong,
		} {
			err := door(plain)
			if !errors.Is(err, account.ErrPassword) || want != nil && !errors.Is(err, want) {
				t.Errorf("%s, %.20q: %v, want ErrPassword and %v", name, plain, err, want)
			}
		}
		var short *password.TooShortError
		if err := door("fourteen chars"); !errors.As(err, &short) || !errors.Is(err, account.ErrPassword) || short.CodePoints != 14 || short.Min != 15 {
			t.Errorf("%s: %v, want 14 of 15", name, err)
		}
	}
	if n, err := people.Count(t.Context()); n != 2 || err != nil {
		t.Errorf("%d users, %v; want those of before", n, err)
	}
	if diff := cmp.Diff(bob, find(t, store, bob.ID), cmp.FilterPath(isPlace, cmp.Ignore())); diff != "" {
		t.Errorf("bob has changed (-want +got):\n%s", diff)
	}
	if _, err := people.SetPassword(t.Context(), bob.ID, "fourteen chars"); !errors.Is(err, account.ErrPassword) {
		t.Errorf("SetPassword: %v", err)
	}

	// Rules are for new passwords only, and are asked each time.
	rules.MinCodePoints = 30
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); err != nil {
		t.Errorf("a password of before: %v", err)
	}
	for _, name := range []string{"SetUp", "Reset"} {
		rules.MinCodePoints = 30
		if err := doors[name]("correct horse battery"); !errors.Is(err, account.ErrPassword) {
			t.Errorf("%s, 21 code points of 30: %v", name, err)
		}
		rules.MinCodePoints = 0
		if err := doors[name]("correct horse battery"); err != nil {
			t.Errorf("%s: the link was used up by what was refused: %v", name, err)
		}
	}
}
