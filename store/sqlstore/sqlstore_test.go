package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/storetest"
)

// open opens the database in a file until the test ends.
func open(t testing.TB, file string) *Store {
	t.Helper()
	s, err := tryOpen(t, file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryOpen(t testing.TB, file string) (*Store, error) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := OpenSQLite(t.Context(), db)
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func newFile(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }

func TestSessions(t *testing.T) {
	storetest.Sessions(t, func(t *testing.T) session.Store { return open(t, newFile(t)).Sessions() })
}

func TestUsers(t *testing.T) {
	storetest.Users(t, func(t *testing.T) account.Store { return open(t, newFile(t)).Users() })
}

func newUser(email string) account.User {
	return account.User{ID: handstamp.NewID(), Email: email, EmailKey: email}
}

func newRecord(user handstamp.ID) session.Record {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return session.Record{
		Session: session.Session{ID: handstamp.NewID(), UserID: user, BeganAt: now, ProvedAt: now, SeenAt: now},
		Hash:    session.RandomToken().Hash(), Revision: 1,
	}
}

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	file := newFile(t)
	u := newUser("ann@example.com")
	alive, ended := newRecord(u.ID), newRecord(u.ID)
	first := open(t, file)
	must(t, first.Users().Insert(t.Context(), u, account.Write{}))
	must(t, first.Sessions().Insert(t.Context(), alive))
	must(t, first.Sessions().Insert(t.Context(), ended))
	if n, err := first.Sessions().End(t.Context(), session.Selection{Hash: ended.Hash}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	must(t, first.Close())

	second := open(t, file)
	if _, err := second.Users().Find(t.Context(), account.Ref{EmailKey: u.EmailKey}); err != nil {
		t.Error("the user is gone:", err)
	}
	if _, err := second.Sessions().Load(t.Context(), alive.Hash); err != nil {
		t.Error("the session is gone:", err)
	}
	if _, err := second.Sessions().Load(t.Context(), ended.Hash); !errors.Is(err, session.ErrGone) {
		t.Error("the ended session is back:", err)
	}
}

func TestSettings(t *testing.T) {
	s := open(t, newFile(t))
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := s.writes.line.conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestOneOwner(t *testing.T) {
	file := newFile(t)
	first := open(t, file)
	_, err := tryOpen(t, file)
	if !errors.Is(err, ErrOwned) {
		t.Fatalf("second owner: error %v, want ErrOwned", err)
	}
	if want := "database " + file + ": in use by another process"; err.Error() != want {
		t.Errorf("message %q, want %q", err, want)
	}
	must(t, first.Close())
	open(t, file)
}

// TestRevokingIsOneStep looks from another connection, which sees only what was committed.
func TestRevokingIsOneStep(t *testing.T) {
	s := open(t, newFile(t))
	for name, revoke := range map[string]func(handstamp.ID) error{
		"delete": func(id handstamp.ID) error { return s.Users().Delete(t.Context(), id, account.Write{}) },
		"update": func(id handstamp.ID) error {
			_, err := s.Users().Update(t.Context(), id, func(*account.User) (account.Write, error) { return account.Write{Revoke: true}, nil })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			u, other := newUser(name+"@example.com"), newUser("other-"+name+"@example.com")
			of, notOf := newRecord(u.ID), newRecord(other.ID)
			for _, r := range []session.Record{of, notOf} {
				must(t, s.Sessions().Insert(t.Context(), r))
			}
			must(t, s.Users().Insert(t.Context(), u, account.Write{}))
			var heard []session.Change
			defer s.Sessions().Watch(func(c session.Change) {
				heard = append(heard, c)
				if _, err := s.Sessions().Load(t.Context(), of.Hash); !errors.Is(err, session.ErrGone) {
					t.Error("the change was told before it was committed:", err)
				}
			})()
			must(t, revoke(u.ID))
			if len(heard) != 2 || heard[0].Hash != of.Hash || heard[1].UserID != u.ID {
				t.Errorf("watchers heard %v", heard)
			}
			if _, err := s.Sessions().Load(t.Context(), notOf.Hash); err != nil {
				t.Error("the session of another user:", err)
			}
		})
	}
}

func TestUpdateWithoutRevokingKeepsSessions(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	r := newRecord(u.ID)
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	must(t, s.Sessions().Insert(t.Context(), r))
	_, err := s.Users().Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) { return account.Write{}, nil })
	must(t, err)
	if _, err := s.Sessions().Load(t.Context(), r.Hash); err != nil {
		t.Error(err)
	}
}

func TestTransactIsAllOrNothing(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	stop := errors.New("stop")
	err := s.Transact(t.Context(), func(ctx context.Context, tx Tx) error {
		if err := tx.InsertUser(ctx, u); err != nil {
			return err
		}
		if found, err := tx.FindUser(ctx, account.Ref{ID: u.ID}); err != nil || found.Email != u.Email {
			t.Error("the transaction does not see its own user:", err)
		}
		if err := tx.InsertSession(ctx, newRecord(u.ID)); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("error %v, want that of the function", err)
	}
	if n, err := s.Users().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d users, %v; want none", n, err)
	}
	must(t, s.Users().Insert(t.Context(), u, account.Write{})) // the writer goes on
}

// TestTransactGivesUpWithItsCaller: when Transact says that it has failed, nothing has happened.
func TestTransactGivesUpWithItsCaller(t *testing.T) {
	s := open(t, newFile(t))
	ctx, hangUp := context.WithCancel(t.Context())
	err := s.Transact(ctx, func(ctx context.Context, tx Tx) error {
		err := tx.InsertUser(ctx, newUser("ann@example.com"))
		hangUp()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if n, err := s.Users().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d users, %v; want none, as Transact has failed", n, err)
	}
	must(t, s.Users().Insert(t.Context(), newUser("ann@example.com"), account.Write{})) // the writer goes on
}

// TestAPanicIsOneFailure: a bug in what a caller runs inside of a write must not end the process.
func TestAPanicIsOneFailure(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	_, err := s.Users().Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) { panic("bug") })
	if err == nil || !strings.Contains(err.Error(), "panic: bug") {
		t.Errorf("error %v, want the panic", err)
	}
	_, err = s.Users().Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) { return account.Write{}, nil })
	must(t, err)
}

func TestMarkImported(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	for _, want := range []bool{true, false} {
		must(t, s.Transact(t.Context(), func(ctx context.Context, tx Tx) error {
			first, err := tx.MarkImported(ctx, u.ID[:])
			if first != want {
				t.Errorf("first time: %v, want %v", first, want)
			}
			return err
		}))
	}
}

// TestOneBadWriteHarmsNoOther gathers writes into one transaction, some of which are refused.
func TestOneBadWriteHarmsNoOther(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	var all sync.WaitGroup
	records := make([]session.Record, 50)
	for i := range records {
		records[i] = newRecord(u.ID)
		all.Go(func() { must(t, s.Sessions().Insert(t.Context(), records[i])) })
		all.Go(func() {
			if err := s.Users().Insert(t.Context(), newUser("ann@example.com"), account.Write{}); !errors.Is(err, account.ErrEmailTaken) {
				t.Errorf("error %v, want ErrEmailTaken", err)
			}
		})
		all.Go(func() {
			if err := s.Sessions().Touch(t.Context(), session.RandomToken().Hash(), time.Now()); !errors.Is(err, session.ErrGone) {
				t.Errorf("error %v, want ErrGone", err)
			}
		})
	}
	all.Wait()
	for _, r := range records {
		if _, err := s.Sessions().Load(t.Context(), r.Hash); err != nil {
			t.Error("an acknowledged session is not there:", err)
		}
	}
}

// TestFullDisk: what does not fit is refused, and when there is room again all goes on.
func TestFullDisk(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	pages := func(setting string) {
		t.Helper()
		if _, err := s.writes.line.conn.ExecContext(t.Context(), setting); err != nil {
			t.Fatal(err)
		}
	}
	pages(`PRAGMA max_page_count = 1`) // of what is there, as SQLite does not go below
	var refused error
	var kept []session.Record
	for i := 0; i < 10_000 && refused == nil; i++ {
		r := newRecord(u.ID)
		r.Data = make([]byte, 1000)
		if refused = s.Sessions().Insert(t.Context(), r); refused == nil {
			kept = append(kept, r)
		}
	}
	if refused == nil || errors.Is(refused, session.ErrExists) {
		t.Fatalf("error %v, want one that says that the disk is full", refused)
	}
	pages(`PRAGMA max_page_count = 1000000`)
	r := newRecord(u.ID)
	must(t, s.Sessions().Insert(t.Context(), r))
	for _, r := range append(kept, r) {
		if _, err := s.Sessions().Load(t.Context(), r.Hash); err != nil {
			t.Fatal("an acknowledged session is not there:", err)
		}
	}
}

func TestGivingUpAndClosing(t *testing.T) {
	s := open(t, newFile(t))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := newRecord(handstamp.NewID())
	if err := s.Sessions().Insert(gone, r); !errors.Is(err, context.Canceled) {
		t.Errorf("Insert for a caller who is gone: %v, want context.Canceled", err)
	}
	must(t, s.Close())
	if err := s.Sessions().Insert(t.Context(), r); !errors.Is(err, errClosed) {
		t.Errorf("Insert after Close: %v", err)
	}
	if _, err := s.Sessions().Load(t.Context(), r.Hash); err == nil || errors.Is(err, session.ErrGone) {
		t.Errorf("Load after Close: %v, want an error that is not ErrGone", err)
	}
	must(t, s.Close())
}

func TestMigrationsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		tamper string
		want   error
	}{
		"changed": {`UPDATE migrations SET checksum = 'other'`, ErrChanged},
		"newer":   {`INSERT INTO migrations VALUES ('9999_future.sql', 'x', 0)`, ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			file := newFile(t)
			s := open(t, file)
			if _, err := s.writes.line.conn.ExecContext(t.Context(), c.tamper); err != nil {
				t.Fatal(err)
			}
			must(t, s.Close())
			for range 2 { // and the lock is free again after a failure
				if _, err := tryOpen(t, file); !errors.Is(err, c.want) {
					t.Errorf("error %v, want %v", err, c.want)
				}
			}
		})
	}
}

func TestSweepInBatches(t *testing.T) {
	s := open(t, newFile(t))
	user := handstamp.NewID()
	old := time.Now().Add(-48 * time.Hour)
	must(t, s.Transact(t.Context(), func(ctx context.Context, tx Tx) error {
		for range 1200 {
			r := newRecord(user)
			r.BeganAt, r.SeenAt = old, old
			if err := tx.InsertSession(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}))
	m := session.New(s.Sessions())
	begun, _, err := m.Begin(t.Context(), handstamp.Identity{UserID: user})
	must(t, err)
	m.Close() // waits for the sweep that the login has set off
	left, err := s.Sessions().List(t.Context(), session.Query{UserID: user})
	must(t, err)
	if len(left) != 1 || left[0] != begun {
		t.Errorf("%d sessions left, want the one that is alive", len(left))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
