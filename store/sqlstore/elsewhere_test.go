package sqlstore

import (
	"context"
	"errors"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// cuttable are sessions in another store, which a test can cut off.
type cuttable struct {
	*memory.Sessions
	cut error
}

func (c *cuttable) End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	if c.cut != nil {
		return 0, c.cut
	}
	return c.Sessions.End(ctx, which, events...)
}

// signedIn returns a store with a user whose two sessions are elsewhere.
func signedIn(t *testing.T, file string) (s *Store, sessions *cuttable, u account.User, one, other session.Record) {
	t.Helper()
	s, sessions = open(t, file), &cuttable{Sessions: memory.New()}
	s.SessionsElsewhere(sessions, func(err error) { t.Error(err) })
	u = newUser("ann@example.com")
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	one, other = newRecord(u.ID), newRecord(u.ID)
	must(t, sessions.Insert(t.Context(), one))
	must(t, sessions.Insert(t.Context(), other))
	return s, sessions, u, one, other
}

func revoke(t *testing.T, s *Store, id handstamp.ID, except session.Hash) error {
	t.Helper()
	_, err := s.Users().Update(t.Context(), id, func(*account.User) (account.Write, error) {
		return account.Write{Revoke: true, Except: except}, nil
	})
	return err
}

// undone returns how many revokes are noted as not done.
func undone(t *testing.T, s *Store) int {
	t.Helper()
	n := 0
	must(t, s.reads.query(t.Context(), func(r row) error { return r.Scan(&n) }, `SELECT COUNT(*) FROM revocations`))
	return n
}

func TestSessionsElsewhereEndBeforeTheChangeReturns(t *testing.T) {
	s, sessions, u, one, other := signedIn(t, newFile(t))
	must(t, revoke(t, s, u.ID, one.Hash))
	if _, err := sessions.Load(t.Context(), other.Hash); !errors.Is(err, session.ErrGone) {
		t.Errorf("after a revoke: %v, want ErrGone", err)
	}
	if _, err := sessions.Load(t.Context(), one.Hash); err != nil {
		t.Errorf("the session that stays: %v", err)
	}
	must(t, s.Users().Delete(t.Context(), u.ID, account.Write{}))
	if _, err := sessions.Load(t.Context(), one.Hash); !errors.Is(err, session.ErrGone) {
		t.Errorf("after the user was deleted: %v, want ErrGone", err)
	}
	if n := undone(t, s); n != 0 {
		t.Errorf("%d revokes are noted as not done", n)
	}
}

func TestWhatCouldNotBeRevokedElsewhereIsLater(t *testing.T) {
	file := newFile(t)
	s, sessions, u, one, _ := signedIn(t, file)
	sessions.cut = errors.New("cut off")
	if err := revoke(t, s, u.ID, session.Hash{}); !errors.Is(err, sessions.cut) {
		t.Fatalf("revoke: %v, want that it failed", err)
	}
	if n := undone(t, s); n != 1 {
		t.Fatalf("%d revokes are noted as not done, want 1", n)
	}
	must(t, s.writes.together(t.Context(), func(ctx context.Context, tx *transaction) error { // as if that was a while ago
		_, err := tx.exec(ctx, `UPDATE revocations SET at = 0`)
		return err
	}))
	must(t, s.Close())

	sessions.cut = nil
	ended := make(chan struct{})
	stop := sessions.Watch(func(c session.Change) {
		if c.Hash == one.Hash {
			close(ended)
		}
	})
	defer stop()
	again := open(t, file)
	again.SessionsElsewhere(sessions, func(err error) { t.Error(err) })
	select {
	case <-ended:
	case <-t.Context().Done():
		t.Error("the session was not ended by whoever opened the database next")
	}
}
