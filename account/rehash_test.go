package account_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/memory"
)

// TestImportedHashIsReplaced at the first login, and nothing else of the user changes: no session
// ends, and nobody has updated the account.
func TestImportedHashIsReplaced(t *testing.T) {
	const decomposed = "un mot oublie\u0301"
	for _, c := range []struct{ name, original, typed string }{
		{"plain", bobsPassword, bobsPassword},
		{"decomposed, typed so", decomposed, decomposed},
		{"composed, typed decomposed", "un mot oubli\u00e9", decomposed},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newSpyStore()
			people, sessions := newPeople(t, store), newSessions(t)
			people.Attach(sessions)
			before := importUser(t, store, bobsEmail, sha256Hex(c.original))
			token := begin(t, sessions, before.ID)
			read(t, people, before.ID) // fills the cache

			if _, err := people.Authenticate(t.Context(), bobsEmail, c.typed+"!"); !errors.Is(err, account.ErrWrongPassword) {
				t.Fatalf("wrong password: %v", err)
			}
			if store.updates.Load() != 0 {
				t.Fatal("a wrong password has changed the user")
			}
			u, err := people.Authenticate(t.Context(), bobsEmail, c.typed)
			if err != nil {
				t.Fatal(err)
			}
			after := find(t, store, before.ID)
			if !strings.HasPrefix(after.PasswordHash, "$argon2id$v=19$m=8,t=1,p=1$") {
				t.Errorf("hash is now %q, want argon2id", after.PasswordHash)
			}
			want := before
			want.PasswordHash = after.PasswordHash
			for name, got := range map[string]account.User{"store": after, "answer": u, "cache": read(t, people, u.ID)} {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
			if !isLive(t, sessions, token) {
				t.Error("the session of before has ended")
			}
			if _, err := people.Authenticate(t.Context(), bobsEmail, c.typed); err != nil {
				t.Errorf("second login: %v", err)
			}
			if n := store.updates.Load(); n != 1 {
				t.Errorf("%d updates, want one in all", n)
			}
		})
	}
}

// TestOddPasswordIsReplaced: so is the hash of a password that could not be set today.
func TestOddPasswordIsReplaced(t *testing.T) {
	for _, odd := range []string{"a\x00b", "a\nb", "p\xe4ssword"} {
		store := memory.NewUsers()
		people := newPeople(t, store)
		u := importUser(t, store, bobsEmail, sha256Hex(odd))
		for range 2 {
			if _, err := people.Authenticate(t.Context(), bobsEmail, odd); err != nil {
				t.Errorf("%q: %v", odd, err)
			}
		}
		if hash := find(t, store, u.ID).PasswordHash; !strings.HasPrefix(hash, "$argon2id$") {
			t.Errorf("%q: hash is still %q", odd, hash)
		}
	}
}

// TestOutdatedHashIsReplaced: so is one that costs other than a new one.
func TestOutdatedHashIsReplaced(t *testing.T) {
	store := memory.NewUsers()
	people := newPeople(t, store)
	bob := addBob(t, people)
	people = newPeople(t, store)
	people.Passwords = &password.Hasher{Params: password.Params{MemoryKiB: 16, Passes: 2, Lanes: 1}}
	for range 2 {
		if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); err != nil {
			t.Fatal(err)
		}
	}
	if hash := find(t, store, bob.ID).PasswordHash; !strings.HasPrefix(hash, "$argon2id$v=19$m=16,t=2,p=1$") {
		t.Errorf("hash is now %q", hash)
	}
}

// TestFirstLoginsAtOnce: all of them replace the imported hash, and each one succeeds.
func TestFirstLoginsAtOnce(t *testing.T) {
	store := memory.NewUsers()
	people := newPeople(t, store)
	u := importUser(t, store, bobsEmail, sha256Hex(bobsPassword))
	start := make(chan struct{})
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			<-start
			for range 4 {
				got, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword)
				if err != nil || got.ID != u.ID {
					t.Errorf("%v, %v", got.ID, err)
				}
			}
		})
	}
	close(start)
	all.Wait()
	if hash := find(t, store, u.ID).PasswordHash; !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("hash is now %q", hash)
	}
}

// TestReplacementYieldsToAChange: a password that is set while a login replaces the hash of the
// old one stays set.
func TestReplacementYieldsToAChange(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	u := importUser(t, store, bobsEmail, sha256Hex(bobsPassword))
	once := true
	store.before = func() {
		if once {
			once = false
			if _, err := people.SetPassword(t.Context(), u.ID, "the new one"); err != nil {
				t.Error(err)
			}
		}
	}
	_, _ = people.Authenticate(t.Context(), bobsEmail, bobsPassword) // was right when it was asked
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); !errors.Is(err, account.ErrWrongPassword) {
		t.Errorf("the old password: %v, want ErrWrongPassword", err)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, "the new one"); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// A readOnlyStore takes no updates.
type readOnlyStore struct{ account.Store }

func (readOnlyStore) Update(context.Context, handstamp.ID, func(*account.User) (account.Write, error)) (account.User, error) {
	return account.User{}, errDown
}

// TestReplacementFails: the login is as good as before, and somebody is told.
func TestReplacementFails(t *testing.T) {
	store := memory.NewUsers()
	people := newPeople(t, readOnlyStore{store})
	reported := 0
	people.Notify = onFault(func(_ string, err error) {
		if !errors.Is(err, errDown) {
			t.Errorf("reported %v", err)
		}
		reported++
	})
	u := importUser(t, store, bobsEmail, sha256Hex(bobsPassword))
	for range 2 {
		got, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword)
		if diff := cmp.Diff(u, got); err != nil || diff != "" {
			t.Errorf("%v, (-want +got):\n%s", err, diff)
		}
	}
	if reported != 2 {
		t.Errorf("reported %d times, want once for each login", reported)
	}
}

// TestEmptyPasswordNeverSignsIn, even where an import has brought the hash of one.
func TestEmptyPasswordNeverSignsIn(t *testing.T) {
	store := memory.NewUsers()
	people := newPeople(t, store)
	people.Notify = onFault(func(_ string, _ error) {})
	importUser(t, store, bobsEmail, sha256Hex(""))
	if u, err := people.Authenticate(t.Context(), bobsEmail, ""); !errors.Is(err, account.ErrWrongPassword) {
		t.Errorf("Authenticate = %v, %v; want ErrWrongPassword", u.ID, err)
	}
}
