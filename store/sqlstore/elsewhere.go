package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// An Ender ends sessions that are kept in another store; see [session.Records].
type Ender interface {
	End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error)
}

// elsewhere ends the sessions of those whose users are kept here.
type elsewhere struct {
	sessions Ender
	report   func(error)
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// A revocation is what is still to be done elsewhere when a change of a user has been committed.
type revocation struct {
	id     handstamp.ID
	user   handstamp.ID
	except session.Hash
}

const (
	// revokeTimeout bounds how long a change of a user waits for the store of the sessions.
	revokeTimeout = 5 * time.Second

	// leftEvery is how often revokes are looked for that somebody has left undone, and leftAfter how old they
	// are, at least, so that nobody is at work on them.
	leftEvery = 5 * time.Second
	leftAfter = 2 * revokeTimeout
)

// SessionsElsewhere says that sessions are kept in another store. What revokes the sessions of a user ends them there before it
// returns. It is noted in the transaction of the change, so that it happens even if this process ends in between: any
// process that has called this does what was left undone, some seconds later. report, which may be nil, hears of failures to do
// that. Call it before the Store is used for anything else.
func (s *Store) SessionsElsewhere(sessions Ender, report func(error)) {
	ctx, stop := context.WithCancel(context.Background())
	e := &elsewhere{sessions: sessions, report: report, stop: stop}
	s.elsewhere, s.writes.elsewhere = e, true
	s.writes.finish = s.endElsewhere
	e.done.Go(func() { s.endLeft(ctx) })
}

// revokeElsewhere notes that the sessions of a user have to end, as part of a write.
func revokeElsewhere(ctx context.Context, tx *transaction, user handstamp.ID, except session.Hash) error {
	r := revocation{id: handstamp.NewID(), user: user, except: except}
	const text = `INSERT INTO revocations (id, user_id, except_hash, at) VALUES ($1, $2, $3, $4)`
	if _, err := tx.exec(ctx, text, r.id[:], r.user[:], r.except[:], time.Now().UnixMicro()); err != nil {
		return err
	}
	tx.revocations = append(tx.revocations, r)
	return nil
}

// endElsewhere does what a write has left to do. Whoever asked for it may be gone; it is done all the same.
func (s *Store) endElsewhere(ctx context.Context, left []revocation) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	for _, r := range left {
		if _, err := s.elsewhere.sessions.End(ctx, session.Selection{UserID: r.user, Except: r.except}); err != nil {
			return fmt.Errorf("end sessions of user: %w", err)
		}
		err := s.writes.now(ctx, func(ctx context.Context, tx *transaction) error {
			_, err := tx.exec(ctx, `DELETE FROM revocations WHERE id = $1`, r.id[:])
			return err
		})
		if err != nil { // they have ended; they will once more
			s.elsewhere.fault(fmt.Errorf("note that sessions have ended: %w", err))
		}
	}
	return nil
}

// endLeft does what others have left undone, until ctx is done.
func (s *Store) endLeft(ctx context.Context) {
	ticker := time.NewTicker(leftEvery)
	defer ticker.Stop()
	for {
		left, err := s.leftRevocations(ctx)
		if err == nil {
			err = s.endElsewhere(ctx, left)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			s.elsewhere.fault(fmt.Errorf("end what others have left: %w", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Store) leftRevocations(ctx context.Context) ([]revocation, error) {
	var left []revocation
	before := time.Now().Add(-leftAfter)
	err := s.reads.query(ctx, func(r row) error {
		var id, user, except []byte
		if err := r.Scan(&id, &user, &except); err != nil {
			return err
		}
		if len(id) != len(handstamp.ID{}) || len(user) != len(handstamp.ID{}) || len(except) != len(session.Hash{}) {
			return errors.New("revocation with a key of the wrong length")
		}
		left = append(left, revocation{handstamp.ID(id), handstamp.ID(user), session.Hash(except)})
		return nil
	}, `SELECT id, user_id, except_hash FROM revocations WHERE at < $1 ORDER BY at`, before.UnixMicro())
	return left, err
}

func (e *elsewhere) fault(err error) {
	if e.report != nil {
		e.report(err)
	}
}

// close ends what runs in the background. It may be called on nil.
func (e *elsewhere) close() {
	if e != nil {
		e.stop()
		e.done.Wait()
	}
}
