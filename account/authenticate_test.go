package account_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/memory"
)

func TestAuthenticate(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	bob := addBob(t, people)
	tooLong := strings.Repeat("x", password.MaxBytes+1)
	for _, c := range []struct {
		email, password string
		want            error
	}{
		{bobsEmail, bobsPassword, nil},
		{"BOB@hbtn.io", bobsPassword, nil},
		{bobsEmail, bobsPassword + " ", account.ErrWrongPassword},
		{bobsEmail, " " + bobsPassword, account.ErrWrongPassword},
		{bobsEmail, strings.ToLower(bobsPassword), account.ErrWrongPassword},
		{bobsEmail, bobsPassword + "\x00", account.ErrWrongPassword},
		{bobsEmail, "", account.ErrWrongPassword},
		{bobsEmail, bob.PasswordHash, account.ErrWrongPassword},
		{"eve@hbtn.io", bobsPassword, account.ErrUnknownUser},
		{"", bobsPassword, account.ErrUnknownUser},
		{bob.ID.String(), bobsPassword, account.ErrUnknownUser},
		{bobsEmail, tooLong, password.ErrTooLong},
		{"eve@hbtn.io", tooLong, password.ErrTooLong},
	} {
		u, err := people.Authenticate(t.Context(), c.email, c.password)
		if !errors.Is(err, c.want) || (err == nil) != (u.ID == bob.ID) || err != nil && !u.ID.IsZero() {
			t.Errorf("Authenticate(%q, %.20q) = %v, %v; want %v", c.email, c.password, u.ID, err, c.want)
		}
		if got, want := errors.Is(err, handstamp.ErrBadCredential), err != nil && !errors.Is(err, password.ErrTooLong); got != want {
			t.Errorf("Authenticate(%q, %.20q): %v wraps ErrBadCredential: %v", c.email, c.password, err, got)
		}
	}
}

// TestAuthenticateBroken: what is wrong with the server is not wrong with the password.
func TestAuthenticateBroken(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	addBob(t, people)
	store.failFind = func(account.Ref) error { return errDown }
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		down bool
		want error
	}{
		"store down":     {t.Context(), true, errDown},
		"client is gone": {cancelled, false, context.Canceled},
	} {
		if !c.down {
			store.failFind = nil
		} else {
			store.failFind = func(account.Ref) error { return errDown }
		}
		u, err := people.Authenticate(c.ctx, bobsEmail, bobsPassword)
		if !errors.Is(err, c.want) || errors.Is(err, handstamp.ErrBadCredential) || !u.ID.IsZero() {
			t.Errorf("%s: %v, %v; want %v and nobody", name, u, err, c.want)
		}
	}
}

// mebibyte is the memory of one hash in TestEqualWork, enough to tell hashes from all else.
var mebibyte = password.Params{MemoryKiB: 1 << 10, Passes: 1, Lanes: 1}

// workOf returns how many password hashes do computes, told by the memory it takes.
func workOf(do func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int((after.TotalAlloc - before.TotalAlloc) >> 20)
}

// TestEqualWork: whoever guesses learns nothing from what a wrong pair costs. The count of hashes
// depends on what was typed, and on nothing that is stored.
func TestEqualWork(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	people.Passwords = &password.Hasher{Params: mebibyte}
	reported := 0
	people.Notify = onFault(func(_ string, err error) {
		if !errors.Is(err, password.ErrFormat) && !errors.Is(err, password.ErrCost) {
			t.Error(err)
		}
		reported++
	})
	addBob(t, people)
	hashOf := func(p password.Params) string {
		hash, err := (&password.Hasher{Params: p}).Hash(t.Context(), bobsPassword)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	importUser(t, store, "imported@x.de", sha256Hex(bobsPassword))
	importUser(t, store, "nopassword@x.de", "")
	importUser(t, store, "cheap@x.de", hashOf(cheap))
	importUser(t, store, "damaged@x.de", "$argon2id$v=19$m=1024")
	importUser(t, store, "costly@x.de", "$argon2id$v=19$m=4194304,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"+strings.Repeat("A", 43))

	for _, typed := range []struct {
		name, password string
		hashes         int
	}{
		{"plain", "a wrong guess", 1},
		{"decomposed", "un mot de passe oublie\u0301", 2}, // as typed, and as it is prepared here
		{"not acceptable", "a\x00b", 1},
		{"too long", strings.Repeat("x", 5000), 0},
	} {
		for email, want := range map[string]error{
			bobsEmail:         account.ErrWrongPassword,
			"imported@x.de":   account.ErrWrongPassword,
			"nopassword@x.de": account.ErrWrongPassword,
			"cheap@x.de":      account.ErrWrongPassword,
			"damaged@x.de":    account.ErrWrongPassword,
			"costly@x.de":     account.ErrWrongPassword,
			"unknown@x.de":    account.ErrUnknownUser,
			"not an email":    account.ErrUnknownUser,
		} {
			if typed.hashes == 0 {
				want = password.ErrTooLong
			}
			store.finds.Store(0)
			var err error
			hashes := workOf(func() { _, err = people.Authenticate(t.Context(), email, typed.password) })
			if !errors.Is(err, want) {
				t.Errorf("%s, %s: %v, want %v", typed.name, email, err, want)
			}
			if hashes != typed.hashes {
				t.Errorf("%s, %s: %d hashes, want %d", typed.name, email, hashes, typed.hashes)
			}
			if n := store.finds.Load(); n != min(1, int64(typed.hashes)) || store.updates.Load() != 0 || store.others.Load() != 0 {
				t.Errorf("%s, %s: %d lookups, %d updates, %d others; want one lookup, and none where nothing is hashed",
					typed.name, email, n, store.updates.Load(), store.others.Load())
			}
		}
	}
	if reported == 0 {
		t.Error("a hash that cannot be read was not reported")
	}
	// Neither does the right password of somebody who is disabled, whatever it is kept as.
	for email, hash := range map[string]string{
		"away1@x.de": hashOf(mebibyte), "away2@x.de": sha256Hex(bobsPassword), "away3@x.de": hashOf(cheap),
	} {
		away := importUser(t, store, email, hash)
		if _, err := people.Edit(t.Context(), away.ID, account.Edit{Disabled: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		store.updates.Store(0)
		var err error
		n := workOf(func() { _, err = people.Authenticate(t.Context(), email, bobsPassword) })
		if n != 1 || store.updates.Load() != 0 || !errors.Is(err, account.ErrDisabled) {
			t.Errorf("%s, disabled: %d hashes, %d updates, %v; want 1 and none", email, n, store.updates.Load(), err)
		}
	}
	// A right password costs no less, so its owner cannot be told from the outside either.
	for _, email := range []string{bobsEmail, "imported@x.de"} {
		var err error
		if n := workOf(func() { _, err = people.Authenticate(t.Context(), email, bobsPassword) }); n != 1 || err != nil {
			t.Errorf("%s signs in with %d hashes, %v; want 1", email, n, err)
		}
	}
}

// TestUnicodePassword: two keyboards that compose an accent in two ways give one password.
func TestUnicodePassword(t *testing.T) {
	const (
		composed   = "caf\u00e9 \u00c5"
		decomposed = "cafe\u0301 A\u030a"
		unit       = "caf\u00e9 \u212b"
		wideBlank  = "caf\u00e9\u3000\u00c5"
	)
	for _, stored := range []string{composed, decomposed, unit, wideBlank} {
		people := newPeople(t, memory.NewUsers())
		if _, err := people.Create(t.Context(), account.Details{Email: bobsEmail, Password: stored}); err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{composed, decomposed, unit, wideBlank} {
			if _, err := people.Authenticate(t.Context(), bobsEmail, typed); err != nil {
				t.Errorf("stored %+q, typed %+q: %v", stored, typed, err)
			}
		}
		for _, other := range []string{"cafe \u00c5", "caf\u00e9\u00c5", "CAF\u00c9 \u00c5", composed + " "} {
			if _, err := people.Authenticate(t.Context(), bobsEmail, other); !errors.Is(err, account.ErrWrongPassword) {
				t.Errorf("stored %+q, typed %+q: %v, want ErrWrongPassword", stored, other, err)
			}
		}
	}
}

// TestPasswordIsUTF8: bytes that are no text cannot be typed again, and must not pass for each
// other.
func TestPasswordIsUTF8(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	_, err := people.Create(t.Context(), account.Details{Email: bobsEmail, Password: "p\xe4ssword"})
	if !errors.Is(err, account.ErrPassword) {
		t.Errorf("Create: %v, want ErrPassword", err)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, "p\xf6ssword"); err == nil {
		t.Error("another byte that is no text signs in")
	}
}

// TestDamagedHashIsReported, with the user's ID and without a secret.
func TestDamagedHashIsReported(t *testing.T) {
	store := memory.NewUsers()
	people := newPeople(t, store)
	var reports []string
	people.Notify = onFault(func(doing string, err error) { reports = append(reports, doing+": "+err.Error()) })
	u := importUser(t, store, bobsEmail, "$2y$10$unknownformatunknownformat")
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); !errors.Is(err, account.ErrWrongPassword) {
		t.Errorf("%v, want ErrWrongPassword", err)
	}
	want := []string{"verify the password of user " + u.ID.String() + ": verify password: " + password.ErrFormat.Error()}
	if diff := cmp.Diff(want, reports); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}
