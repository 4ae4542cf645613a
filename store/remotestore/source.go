package remotestore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/session"
)

// A source is the server as the Store's node sees it. Methods are called by one goroutine at a time.
//
// Behind one URL there may be several servers, each of which counts the changes for itself, and each request may get to another one. So the source
// remembers where it stands with each, and counts for the node what came from all of them together. Who has missed nothing of one server has
// missed nothing at all, as each server hears of every change.
type source struct {
	store *Store

	feeds  []position // where the node stands at its position at; the last one that was asked is the first
	at     int64
	next   []position // where it will stand when it has applied what it was last told
	nextAt int64
}

// A position is how far one server's changes are applied.
type position struct {
	feed string
	at   int64
}

// nowhere is the position of a node that holds nothing in memory.
const nowhere = -1

// Renew implements [node.Source].
func (s *source) Renew(ctx context.Context, r node.Renewal) (node.News, error) {
	switch r.After {
	case s.nextAt:
		s.feeds, s.at = s.next, s.nextAt
	case s.at: // what came last was not applied
	default:
		s.feeds, s.at = nil, r.After
	}
	asked := nodeapi.Renewal{Node: r.Node, Name: r.Name, LeaseMS: r.Lease.Milliseconds(), Applied: make(map[string]int64)}
	for _, p := range s.feeds {
		asked.Applied[p.feed] = p.at
	}
	var got nodeapi.News
	if err := s.store.do(ctx, call{path: nodeapi.RenewPath, again: true}, asked, &got); err != nil {
		return node.News{}, fmt.Errorf("remote store: renew lease: %w", err)
	}
	s.next = append([]position{{got.Feed, got.Head}}, slices.DeleteFunc(slices.Clone(s.feeds), func(p position) bool { return p.feed == got.Feed })...)
	s.next = s.next[:min(len(s.next), nodeapi.MaxFeeds)]
	s.nextAt = s.at + int64(len(got.Changes))
	if got.Gap {
		s.nextAt = s.at + 1
	}
	if got.Strict && s.nextAt != s.at {
		s.store.wake() // to say that it is applied, when it is
	}
	news := node.News{
		Incarnation: got.Incarnation,
		Head:        s.nextAt,
		Changes:     nodeapi.ReadChanges(got.Changes),
		Gap:         got.Gap,
		Good:        time.Duration(got.GoodMS) * time.Millisecond,
	}
	if news.Good <= 0 {
		news.Good = -1
	}
	return news, nil
}

// Reassert implements [node.Source].
func (s *source) Reassert(ctx context.Context, ended []session.Hash) error {
	for batch := range slices.Chunk(ended, nodeapi.MaxHashes) {
		in := nodeapi.EndRequest{Hashes: make([]nodeapi.Hash, 0, len(batch))}
		for _, hash := range batch {
			in.Hashes = append(in.Hashes, nodeapi.Hash(hash))
		}
		if err := s.store.do(ctx, call{path: nodeapi.EndPath, again: true, write: true}, in, &nodeapi.Written{}); err != nil {
			return fmt.Errorf("remote store: tell another store what has ended: %w", err)
		}
	}
	return nil
}

// Release implements [node.Source].
func (s *source) Release(ctx context.Context, name string) error {
	if err := s.store.do(ctx, call{path: nodeapi.ReleasePath, again: true}, nodeapi.Release{Node: name}, &done{}); err != nil {
		return fmt.Errorf("remote store: release lease: %w", err)
	}
	return nil
}
