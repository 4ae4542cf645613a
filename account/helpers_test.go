package account_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// cheap keeps tests quick: the least that argon2id can do.
var cheap = password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

const (
	bobsEmail    = "bob@hbtn.io"
	bobsPassword = "H0lbertonSchool98!"
)

// A spyStore is a store of users that counts what it is asked, and runs what a test puts
// between two steps of the code under test.
type spyStore struct {
	account.Store
	finds, updates, others atomic.Int64

	beforeFind func(account.Ref) // nil for nothing; must not be set while in use
	afterFind  func(account.Ref)
	failFind   func(account.Ref) error
	before     func() // runs before Update reads
}

func newSpyStore() *spyStore { return &spyStore{Store: memory.NewUsers()} }

func (s *spyStore) Find(ctx context.Context, ref account.Ref) (account.User, error) {
	s.finds.Add(1)
	if s.beforeFind != nil {
		s.beforeFind(ref)
	}
	if s.failFind != nil {
		if err := s.failFind(ref); err != nil {
			return account.User{}, err
		}
	}
	u, err := s.Store.Find(ctx, ref)
	if s.afterFind != nil {
		s.afterFind(ref)
	}
	return u, err
}

func (s *spyStore) Update(ctx context.Context, id handstamp.ID, change func(*account.User) (account.Write, error)) (account.User, error) {
	s.updates.Add(1)
	if s.before != nil {
		s.before()
	}
	return s.Store.Update(ctx, id, change)
}

func (s *spyStore) List(ctx context.Context, q account.Query) ([]account.User, error) {
	s.others.Add(1)
	return s.Store.List(ctx, q)
}

func (s *spyStore) Count(ctx context.Context) (int, error) {
	s.others.Add(1)
	return s.Store.Count(ctx)
}

// onFault returns a Listener that passes on what the Directory could not do.
func onFault(hear func(doing string, err error)) handstamp.Listener {
	return func(_ context.Context, e handstamp.Event) {
		if e.Action == handstamp.ActionFault {
			hear(e.Reason, e.Err)
		}
	}
}

// newPeople returns a Directory with cheap hashes, of the users in store. What it reports fails
// the test.
func newPeople(t testing.TB, store account.Store) *account.Directory {
	t.Helper()
	people := account.New(store)
	switch around := store.(type) {
	case *spyStore:
		store = around.Store
	case *lateStore:
		store = around.Store
	}
	people.Links, _ = store.(account.Links)
	people.Passwords = &password.Hasher{Params: cheap}
	people.Notify = onFault(func(doing string, err error) { t.Errorf("reported: %s: %v", doing, err) })
	return people
}

// newSessions returns a Manager that is closed with the test.
func newSessions(t testing.TB) *session.Manager {
	t.Helper()
	sessions := session.New(memory.New())
	t.Cleanup(sessions.Close)
	return sessions
}

// addBob creates the user that most tests are about.
func addBob(t testing.TB, people *account.Directory) account.User {
	t.Helper()
	u, err := people.Create(t.Context(), account.Details{Email: bobsEmail, Password: bobsPassword, Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// importUser puts a user with this password hash into store, as an import does.
func importUser(t testing.TB, store account.Store, email, hash string) account.User {
	t.Helper()
	u := account.User{ID: handstamp.NewID(), Email: email, EmailKey: account.VerbatimKey(email), PasswordHash: hash}
	if err := store.Insert(t.Context(), u, account.Write{}); err != nil {
		t.Fatal(err)
	}
	return find(t, store, u.ID)
}

// find returns a user as the store has it, past the cache of a Directory.
func find(t testing.TB, store account.Store, id handstamp.ID) account.User {
	t.Helper()
	u, err := store.Find(t.Context(), account.Ref{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// begin begins a session of a user.
func begin(t testing.TB, sessions *session.Manager, user handstamp.ID) session.Token {
	t.Helper()
	_, token, err := sessions.Begin(t.Context(), handstamp.Identity{UserID: user})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// isLive reports whether a token opens a session.
func isLive(t testing.TB, sessions *session.Manager, token session.Token) bool {
	t.Helper()
	_, err := sessions.Find(t.Context(), token)
	if err != nil && !errors.Is(err, session.ErrGone) {
		t.Fatal(err)
	}
	return err == nil
}

// sha256Hex is the form in which the founding API kept passwords.
func sha256Hex(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

func ptr[T any](v T) *T { return &v }
