package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

// source is Redis as a node sees it: a [node.Source].
type source struct {
	store *Store

	renewals int       // told Redis, so that each row differs from the one before
	silent   silentMap // of one goroutine, as Renew is

	mu    sync.Mutex
	fates fates
}

// A row is what a node has written down.
type row struct {
	Name     string        `json:"name,omitempty"`
	Lease    time.Duration `json:"lease"` // nanoseconds
	Applied  int64         `json:"applied"`
	Renewals int           `json:"renewals"`
}

func (r row) String() string {
	written, _ := json.Marshal(r) // what has only text and numbers is always good
	return string(written)
}

// maxNews is how many changes a node is told at once. One that has missed more forgets everything, which costs less.
const maxNews = 10_000

// tidyEvery is how many renewals there are between two looks for nodes that have ended without a word.
const tidyEvery = 64

// Renew implements [node.Source].
func (s *source) Renew(ctx context.Context, r node.Renewal) (node.News, error) {
	s.renewals++
	applied := row{Name: r.Name, Lease: r.Lease, Applied: r.After, Renewals: s.renewals}
	nothing := applied
	nothing.Applied = -1
	answer, err := s.store.runForGood(ctx, renewScript,
		r.Node, applied.String(), nothing.String(), r.Incarnation, text(r.After), text(maxNews))
	if err != nil {
		return node.News{}, fmt.Errorf("renew lease: %w", err)
	}
	said := &reply{values: answer}
	news := node.News{Incarnation: said.text(), Head: said.number(), Gap: said.number() != 0}
	news.Changes = s.read(*said)
	if said.err != nil {
		return node.News{}, fmt.Errorf("renew lease: %w", said.err)
	}
	if s.renewals%tidyEvery == 0 {
		_ = s.store.forgetSilent(ctx, s.silent.update) // it is about space, and comes again
	}
	return news, nil
}

// read reads entries of the feed, and remembers what became of the sessions.
func (s *source) read(entries reply) []session.Change {
	changes := make([]session.Change, 0, len(entries.values))
	for len(entries.values) > 0 {
		change := readChange(entries.array())
		if change.Hash != (session.Hash{}) {
			s.remember(change.Hash, change.Lives)
		}
		changes = append(changes, change)
	}
	return changes
}

// readChange reads an entry of the feed. What this program does not
// understand is a change that says nothing about where: a later version may have written it.
func readChange(entry reply) (c session.Change) {
	for len(entry.values) > 1 {
		switch name, value := entry.text(), entry.text(); {
		case name == "hash" && len(value) == len(c.Hash):
			c.Hash = session.Hash([]byte(value))
		case name == "user" && len(value) == len(c.UserID):
			c.UserID = handstamp.ID([]byte(value))
		case name == "lives":
			c.Lives = true
		}
	}
	return c
}

// Reassert implements [node.Source]. It leaves alone what was not ended but changed, and adds what this process has ended itself and
// has not read in the feed yet.
func (s *source) Reassert(ctx context.Context, ended []session.Hash) error {
	s.mu.Lock()
	hashes := s.fates.ended(ended)
	s.mu.Unlock()
	for len(hashes) > 0 {
		n := min(len(hashes), batch)
		// What that changes comes with the feed: the caches are empty.
		if _, err := s.store.runForGood(ctx, reassertScript, hashes[:n]...); err != nil {
			return fmt.Errorf("end sessions again: %w", err)
		}
		hashes = hashes[n:]
	}
	return nil
}

// Release implements [node.Source].
func (s *source) Release(ctx context.Context, id string) error {
	if _, err := s.store.run(ctx, forgetScript, id, ""); err != nil {
		return fmt.Errorf("release lease: %w", err)
	}
	return nil
}

// remember notes whether the session with a hash has ended, or was only changed.
func (s *source) remember(hash session.Hash, lives bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fates.note(hash, lives)
}

// hasEnded reports whether the session with a hash is known to have ended, whatever Redis has to say of it.
func (s *source) hasEnded(hash session.Hash) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	lives, known := s.fates.lives[hash]
	return known && !lives
}

// begun notes that a session has begun, under a hash that an ended one may have had.
func (s *source) begun(hash session.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.fates.lives[hash]; known {
		s.fates.note(hash, true)
	}
}

// fates are what is known of the sessions that changed of late.
type fates struct {
	lives map[session.Hash]bool
	order []session.Hash // in which they were first noted
	next  int            // the oldest, once there are maxFates
}

// maxFates is how many are remembered: more than change in the time that a failover may lose.
const maxFates = 1 << 14

func (f *fates) note(hash session.Hash, lives bool) {
	if f.lives == nil {
		f.lives = make(map[session.Hash]bool)
	}
	if _, known := f.lives[hash]; !known {
		if len(f.order) < maxFates {
			f.order = append(f.order, hash)
		} else {
			delete(f.lives, f.order[f.next])
			f.order[f.next] = hash
			f.next = (f.next + 1) % maxFates
		}
	}
	f.lives[hash] = lives
}

// ended returns those of also that are not known to live, and all that are known to have ended.
func (f *fates) ended(also []session.Hash) []string {
	var all []string
	for hash, lives := range f.lives {
		if !lives {
			all = append(all, string(hash[:]))
		}
	}
	for _, hash := range also {
		if _, known := f.lives[hash]; !known {
			all = append(all, string(hash[:]))
		}
	}
	return all
}
