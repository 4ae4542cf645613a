package account_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/throttle"
)

const chosen = "the one that bob has chosen"

func newResetLink(t testing.TB, people *account.Directory, of handstamp.ID) session.Token {
	t.Helper()
	secret, err := people.NewResetLink(t.Context(), of, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// wantLink checks whether a link is good for u.
func wantLink(t testing.TB, people *account.Directory, secret session.Token, u account.User, want error) {
	t.Helper()
	got, err := people.ResetLink(t.Context(), secret)
	if !errors.Is(err, want) || err == nil && got.ID != u.ID {
		t.Errorf("the link is for %s, %v; want %s, %v", got.ID, err, u.ID, want)
	}
}

// TestReset: what a link does, and what is told of it.
func TestReset(t *testing.T) {
	people, store, told := newOffice(t)
	sessions := newSessions(t)
	people.Attach(sessions)
	bob, ann := addUser(t, people, bobsEmail, "user"), addUser(t, people, "ann@hbtn.io", "admin")
	token, annsToken := begin(t, sessions, bob.ID), begin(t, sessions, ann.ID)
	*told = nil

	asAnn := handstamp.WithIdentity(t.Context(), handstamp.Identity{UserID: ann.ID})
	secret, err := people.NewResetLink(asAnn, bob.ID, account.ResetTime)
	if err != nil || !regexp.MustCompile(`^[A-Za-z0-9_-]{65}$`).MatchString(string(secret)) {
		t.Fatalf("%q, %v: no part of a path", string(secret), err)
	}
	wantLink(t, people, secret, bob, nil)
	if !isLive(t, sessions, token) {
		t.Error("a link that nobody has used has ended a session")
	}
	u, err := people.Reset(t.Context(), secret, chosen)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(find(t, store, bob.ID), u); diff != "" {
		t.Errorf("what is stored and what is returned (-want +got):\n%s", diff)
	}
	if isLive(t, sessions, token) || !isLive(t, sessions, annsToken) {
		t.Error("bob's session lives on, or that of somebody else has ended")
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); !errors.Is(err, account.ErrWrongPassword) {
		t.Errorf("the password of before: %v", err)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, chosen); err != nil {
		t.Errorf("the new password: %v", err)
	}
	wantLink(t, people, secret, bob, account.ErrNoLink)

	if len(*told) < 2 {
		t.Fatalf("told of %+v", *told)
	}
	made, used := (*told)[0], (*told)[1]
	if made.Action != handstamp.ActionResetLink || made.ActorID != ann.ID || made.UserID != bob.ID {
		t.Errorf("of the link: %+v", made)
	}
	if used.Action != handstamp.ActionPasswordChange || !used.ActorID.IsZero() || used.UserID != bob.ID || used.Reason != "reset link" {
		t.Errorf("of its use: %+v", used)
	}
}

// TestResetLinkEnds with whatever revokes, and with nothing else.
func TestResetLinkEnds(t *testing.T) {
	type do = func(ctx context.Context, people *account.Directory, u account.User) error
	ends := map[string]do{
		"a newer link": func(ctx context.Context, people *account.Directory, u account.User) error {
			_, err := people.NewResetLink(ctx, u.ID, time.Hour)
			return err
		},
		"time": func(context.Context, *account.Directory, account.User) error { time.Sleep(time.Hour); return nil },
	}
	for name, revoke := range revocations {
		ends[name] = revoke
	}
	stays := map[string]do{
		"nothing":  func(context.Context, *account.Directory, account.User) error { return nil },
		"names":    editTo(account.Edit{FirstName: &account.Name{Text: ptr("Bob")}}),
		"enabling": editTo(account.Edit{Disabled: ptr(false)}),
		"a moment less than its time": func(context.Context, *account.Directory, account.User) error {
			time.Sleep(time.Hour - time.Microsecond)
			return nil
		},
		"a login": func(ctx context.Context, people *account.Directory, _ account.User) error {
			_, err := people.Authenticate(ctx, bobsEmail, bobsPassword)
			return err
		},
		"a link of somebody else": func(ctx context.Context, people *account.Directory, _ account.User) error {
			ann, err := people.Create(ctx, account.Details{Email: "ann@hbtn.io", Password: bobsPassword, Role: "user"})
			if err == nil {
				_, err = people.NewResetLink(ctx, ann.ID, time.Hour)
			}
			return err
		},
		"a setup link": func(ctx context.Context, people *account.Directory, _ account.User) error {
			_, err := people.NewSetupLink(ctx, time.Hour)
			return err
		},
	}
	try := func(name string, what do, want error) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				people, store, _ := newOffice(t)
				bob := addUser(t, people, bobsEmail, "admin")
				addUser(t, people, "root@hbtn.io", "admin")
				secret := newResetLink(t, people, bob.ID)
				if err := what(t.Context(), people, bob); err != nil {
					t.Fatal(err)
				}
				before, _ := store.Find(t.Context(), account.Ref{ID: bob.ID}) // who may be deleted
				wantLink(t, people, secret, bob, want)
				if _, err := people.Reset(t.Context(), secret, chosen); !errors.Is(err, want) {
					t.Errorf("Reset: %v, want %v", err, want)
				}
				after, _ := store.Find(t.Context(), account.Ref{ID: bob.ID})
				if want != nil && before.PasswordHash != after.PasswordHash {
					t.Error("the password is another one")
				}
			})
		})
	}
	for name, what := range ends {
		try(name, what, account.ErrNoLink)
	}
	for name, what := range stays {
		try(name, what, nil)
	}
}

// TestResetEndsAtEachStep: what revokes between the look at the link and the write wins.
func TestResetEndsAtEachStep(t *testing.T) {
	for name, revoke := range revocations {
		store := newSpyStore()
		people := newPeople(t, store)
		bob := addBob(t, people)
		secret := newResetLink(t, people, bob.ID)
		store.before = func() {
			store.before = nil
			if err := revoke(t.Context(), people, bob); err != nil {
				t.Error(err)
			}
		}
		if _, err := people.Reset(t.Context(), secret, chosen); !errors.Is(err, account.ErrNoLink) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := people.Authenticate(t.Context(), bobsEmail, chosen); !errors.Is(err, handstamp.ErrBadCredential) {
			t.Errorf("%s: the password of the link is good: %v", name, err)
		}
	}
}

// TestResetOnce: of all who use a link at once, beside somebody who changes the password, one wins.
func TestResetOnce(t *testing.T) {
	for round := range 20 {
		people, _, _ := newOffice(t)
		people.Notify = nil
		bob := addUser(t, people, bobsEmail, "user")
		secret := newResetLink(t, people, bob.ID)
		var won atomic.Value
		var winners atomic.Int64
		start := make(chan struct{})
		var all sync.WaitGroup
		try := func(plain string, lost error, do func() error) {
			all.Go(func() {
				<-start
				switch err := do(); {
				case err == nil:
					won.Store(plain)
					winners.Add(1)
				case !errors.Is(err, lost):
					t.Errorf("%s: %v", plain, err)
				}
			})
		}
		for i := range 4 {
			plain := chosen + strings.Repeat("!", i)
			try(plain, account.ErrNoLink, func() error { _, err := people.Reset(t.Context(), secret, plain); return err })
		}
		own := "the one that bob has changed it to"
		try(own, account.ErrChanged, func() error {
			_, err := people.Edit(t.Context(), bob.ID, account.Edit{Password: &own, Epoch: &bob.Epoch})
			return err
		})
		close(start)
		all.Wait()
		if winners.Load() != 1 {
			t.Fatalf("round %d: %d have won", round, winners.Load())
		}
		if _, err := people.Authenticate(t.Context(), bobsEmail, won.Load().(string)); err != nil {
			t.Errorf("round %d: the password of the winner: %v", round, err)
		}
		wantLink(t, people, secret, bob, account.ErrNoLink)
	}
}

// A hashCounter counts the passwords that were hashed.
type hashCounter struct {
	password.Local
	hashed atomic.Int64
}

func (e *hashCounter) Hash(ctx context.Context, plain string, p password.Params) (string, error) {
	e.hashed.Add(1)
	return e.Local.Hash(ctx, plain, p)
}

// TestGuessedResetLinks are no good, and nobody hashes anything for them.
func TestGuessedResetLinks(t *testing.T) {
	people, _, told := newOffice(t)
	engine := &hashCounter{}
	people.Passwords = &password.Hasher{Params: cheap, Engine: engine}
	bob, ann := addUser(t, people, bobsEmail, "user"), addUser(t, people, "ann@hbtn.io", "user")
	ofBob, ofAnn := newResetLink(t, people, bob.ID), newResetLink(t, people, ann.ID)
	setup, err := people.NewSetupLink(t.Context(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	engine.hashed.Store(0)
	*told = nil
	const id = 22 // characters of a secret that name the user
	for _, guess := range []session.Token{
		"", "x", ofBob[:id], ofBob[id:], ofBob[:id] + ofAnn[id:], ofBob[:id] + session.RandomToken(), ofBob[:id] + setup, setup,
		ofBob[:len(ofBob)-1], ofBob + "A", ofBob + "\n", "\n" + ofBob, ofBob[:10] + "\n" + ofBob[10:], "=" + ofBob[1:],
		session.RandomToken()[:id] + session.RandomToken(), session.Token(strings.Repeat("A", 8000)),
	} {
		wantLink(t, people, guess, bob, account.ErrNoLink)
		if _, err := people.Reset(t.Context(), guess, chosen); !errors.Is(err, account.ErrNoLink) {
			t.Errorf("%q: %v", string(guess), err)
		}
		if _, err := people.SetUp(t.Context(), ofBob, account.Details{Email: "eve@hbtn.io", Password: chosen}); !errors.Is(err, account.ErrNoLink) {
			t.Errorf("a reset link makes an administrator: %v", err)
		}
	}
	if n := engine.hashed.Load(); n != 0 || len(*told) > 0 {
		t.Errorf("%d passwords were hashed, and told was of %v", n, *told)
	}
	wantLink(t, people, ofBob, bob, nil)
	wantLink(t, people, ofAnn, ann, nil)

	if _, err := people.NewResetLink(t.Context(), handstamp.NewID(), time.Hour); !errors.Is(err, account.ErrNoUser) {
		t.Errorf("a link for nobody: %v", err)
	}
	people.Links = nil
	if _, err := people.NewResetLink(t.Context(), bob.ID, time.Hour); !errors.Is(err, account.ErrNoLinks) {
		t.Errorf("without a place for links: %v", err)
	}
	wantLink(t, people, ofBob, bob, account.ErrNoLink)
}

// TestResetOfDisabled: a link that is made for somebody who is disabled gives them a password, and an
// administrator enables them, before or after.
func TestResetOfDisabled(t *testing.T) {
	for _, enabled := range []string{"before", "after"} {
		people, _, _ := newOffice(t)
		bob := addUser(t, people, bobsEmail, "user")
		enable := func() {
			if _, err := people.Edit(t.Context(), bob.ID, account.Edit{Disabled: ptr(false)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := people.Edit(t.Context(), bob.ID, account.Edit{Disabled: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		secret := newResetLink(t, people, bob.ID)
		if enabled == "before" {
			enable()
		}
		u, err := people.Reset(t.Context(), secret, chosen)
		if err != nil || u.Disabled != (enabled == "after") {
			t.Errorf("%+v, %v", u, err)
		}
		if enabled == "after" {
			if _, err := people.Authenticate(t.Context(), bobsEmail, chosen); !errors.Is(err, account.ErrDisabled) {
				t.Errorf("while disabled: %v", err)
			}
			enable()
		}
		if _, err := people.Authenticate(t.Context(), bobsEmail, chosen); err != nil {
			t.Errorf("enabled %s: %v", enabled, err)
		}
	}
}

// TestUserWithoutPassword cannot sign in by any means until a link has given them one.
func TestUserWithoutPassword(t *testing.T) {
	people, store, _ := newOffice(t)
	people.Rules = func() account.PasswordRules { return account.PasswordRules{} }
	if _, err := people.Create(t.Context(), account.Details{Email: bobsEmail}); !errors.Is(err, account.ErrPassword) {
		t.Fatalf("by mistake: %v", err)
	}
	bob, err := people.Create(t.Context(), account.Details{Email: bobsEmail, NoPassword: true, Password: bobsPassword})
	if err != nil || find(t, store, bob.ID).PasswordHash != "" || bob.Role != "user" {
		t.Fatalf("%+v, %v", bob, err)
	}
	for _, plain := range []string{"", bobsPassword, chosen} {
		if _, err := people.Authenticate(t.Context(), bobsEmail, plain); !errors.Is(err, account.ErrWrongPassword) {
			t.Errorf("%q: %v", plain, err)
		}
	}
	if _, err := people.Reset(t.Context(), newResetLink(t, people, bob.ID), chosen); err != nil {
		t.Fatal(err)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, chosen); err != nil {
		t.Error(err)
	}
}

// TestResetOpensTheAccount that failures have shut, and a link that is made does not.
func TestResetOpensTheAccount(t *testing.T) {
	d := newGuarded(t, throttle.Limits{Account: throttle.Limit{Burst: 5, Every: time.Second, Stop: 5}})
	for range 5 {
		doors["Login"](t, d, "wrong")
	}
	secret := newResetLink(t, d.Directory, d.bob.ID)
	if got := doors["Login"](t, d, bobsPassword); got != throttled {
		t.Errorf("after the link was made: %s", got)
	}
	if _, err := d.Reset(t.Context(), secret, chosen); err != nil {
		t.Fatal(err)
	}
	if got := doors["Login"](t, d, chosen); got != signedIn {
		t.Errorf("after its use: %s", got)
	}
}
