package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/handstamp/handstamp/internal/node"
)

// shared is what a Store has on a database that other processes have open, too: a [node.Node] and its source, the feed, and the
// upkeep of their tables.
type shared struct {
	store  *Store
	db     *sql.DB
	config PostgresConfig
	node   *node.Node
	line   line // of renewals: they must not wait for a connection that reads

	wake chan struct{} // has room for one
	last lastRenewal

	cancel context.CancelFunc // ends what runs in the background
	done   sync.WaitGroup
}

func share(s *Store, db *sql.DB, config PostgresConfig) *shared {
	ctx, cancel := context.WithCancel(context.Background())
	sh := &shared{
		store:  s,
		db:     db,
		config: config,
		line:   line{db: db, dialect: s.reads.dialect},
		wake:   make(chan struct{}, 1),
		cancel: cancel,
	}
	sh.last.next = make(chan struct{})
	s.writes.feed = sh
	sh.node = node.Start(sh, node.Config{
		Name: config.Name, Lease: config.Lease, Strict: config.Strict, Apply: s.feed.Publish,
		Wake: sh.wake, Report: config.Report, Trace: sh.trace,
	})
	if config.Listen != nil {
		sh.done.Go(func() { config.Listen(ctx, channel, sh.heard) })
	}
	sh.done.Go(func() { sh.keep(ctx) })
	return sh
}

// stop ends what runs in the background, and gives the lease up.
func (sh *shared) stop() {
	sh.cancel()
	sh.done.Wait()
	sh.node.Close()
}

// close lets go of the database.
func (sh *shared) close() error {
	err := sh.line.close()
	if sh.config.Close != nil {
		err = errors.Join(err, sh.config.Close())
	}
	return err
}

// heard takes a notification. What this process has changed it knows.
func (sh *shared) heard(payload string) {
	if payload == sh.node.ID() {
		return
	}
	sh.renewSoon()
}

// renewSoon makes the node renew its lease now, or once more if it is doing that.
func (sh *shared) renewSoon() {
	select {
	case sh.wake <- struct{}{}:
	default:
	}
}

// Node returns what makes this process one of many, or nil for a database that one process owns.
func (s *Store) Node() *node.Node {
	if s.shared == nil {
		return nil
	}
	return s.shared.node
}
