package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

// incarnation is an expression for what is another one wherever acknowledged changes may be missing: in another database, in a replica that
// has taken the place of its primary, and in a server that was started anew, perhaps from a backup. In a replica it is an error.
const incarnation = `(SELECT incarnation FROM feed_head) || ' ' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
	|| ' ' || extract(epoch FROM pg_postmaster_start_time())::text`

// errReplaced means that a server was asked that another has taken the place of.
var errReplaced = errors.New("answered by a server that another has taken the place of")

// current lets read ask for what is to be gone by: it may not be older than the call, wherever a connection leads. A server that another has
// taken the place of, without knowing it, still answers whoever reads, and says what was true before. So the answer has to come from the
// incarnation that the node goes by, and the lease has to hold from before the question until after the answer: that server
// has taken a write so lately that no other could have taken its place and been trusted. Past the lease, current waits for a renewal that is
// asked for after the answer.
//
// read may be called several times, and has to begin anew each time.
func (s *Store) current(ctx context.Context, read func(querier) error) error {
	if s.shared == nil {
		return read(s.reads.query)
	}
	ctx, cancel := s.reads.dialect.bound(ctx)
	defer cancel()
	for range maxStale {
		if err := s.shared.readOnce(ctx, read); !errors.Is(err, errReplaced) {
			return err
		}
		// Either the connection leads to the wrong server, or the node has not heard yet that there is another one.
		if err := s.shared.renewed(ctx, time.Now()); err != nil {
			return err
		}
	}
	return errReplaced
}

func (sh *shared) readOnce(ctx context.Context, read func(querier) error) error {
	hold := sh.node.Lease().Hold()
	from := ""
	err := read(func(_ context.Context, each func(row) error, text string, args ...any) (err error) {
		from, err = sh.ask(ctx, each, text, args, func(from string) bool {
			return hold.At(time.Now()) && from != sh.node.Incarnation()
		})
		return err
	})
	if err != nil || hold.At(time.Now()) {
		return err
	}
	if err := sh.renewed(ctx, time.Now()); err != nil {
		return err
	}
	if from != sh.node.Incarnation() {
		return errReplaced
	}
	return nil
}

// ask runs a query on a connection of the pool, and returns which incarnation has answered. Where isReplaced says so, it gives that connection
// up for good and returns errReplaced.
func (sh *shared) ask(ctx context.Context, each func(row) error, text string, args []any, isReplaced func(from string) bool) (from string, err error) {
	ctx, cancel := sh.store.reads.dialect.bound(ctx)
	defer cancel()
	conn, err := sh.db.Conn(ctx)
	if err != nil {
		return "", err
	}
	texts := &statements{on: conn, dialect: sh.store.reads.dialect}
	err = texts.query(ctx, func(r row) error { return scanSourced(r.(*sql.Rows), &from, each) }, sourced(text), args...)
	if err == nil && isReplaced(from) {
		err = errReplaced
	}
	if errors.Is(err, errReplaced) {
		return "", errors.Join(err, drop(conn))
	}
	return from, errors.Join(err, conn.Close())
}

// sourced makes a query answer, in front of each row, by which incarnation it is answered and that there is a row. Where there is none, it
// answers one that says so.
func sourced(text string) string {
	return `SELECT source.incarnation, answer.* FROM (SELECT ` + incarnation + ` AS incarnation) AS source
		LEFT JOIN (SELECT true AS there, r.* FROM (` + text + `) AS r) AS answer ON true`
}

func scanSourced(rows *sql.Rows, from *string, each func(row) error) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	var there sql.NullBool
	into := []any{from, &there}
	for range columns[len(into):] {
		into = append(into, new(any))
	}
	if err := rows.Scan(into...); err != nil || !there.Bool {
		return err
	}
	return each(sourcedRow{rows, into[:2]})
}

// A sourcedRow is the rest of a row behind its source.
type sourcedRow struct {
	row
	source []any
}

// Scan implements row.
func (r sourcedRow) Scan(into ...any) error {
	return r.row.Scan(append(r.source[:len(r.source):len(r.source)], into...)...)
}

// lease returns the lease of the Store's caches: nil, which holds always, where nobody else changes the database.
func (s *Store) lease() *session.Lease {
	if s.shared == nil {
		return nil
	}
	return s.shared.node.Lease()
}

// lastRenewal lets others wait for a renewal of the lease.
type lastRenewal struct {
	mu   sync.Mutex
	step node.Step
	next chan struct{} // closed when step is replaced
}

func (sh *shared) trace(step node.Step) {
	sh.last.mu.Lock()
	sh.last.step = step
	close(sh.last.next)
	sh.last.next = make(chan struct{})
	sh.last.mu.Unlock()
	if sh.config.Trace != nil {
		sh.config.Trace(step)
	}
}

// renewed returns nil when the lease was renewed by a question that was asked after a time, or why it was not.
func (sh *shared) renewed(ctx context.Context, after time.Time) error {
	for {
		sh.last.mu.Lock()
		step, next := sh.last.step, sh.last.next
		sh.last.mu.Unlock()
		if step.Noted.After(after) {
			return step.Err
		}
		sh.renewSoon()
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("wait for the database to take a write: %w", ctx.Err())
		}
	}
}
