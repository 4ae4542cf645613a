package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/keyring"
)

// Keys is a [keyring.Store].
type Keys struct {
	// Audit keeps the events; nil to keep none.
	Audit *Audit

	mu   sync.Mutex
	keys []keyring.Stored
}

// NewKeys returns a store without keys.
func NewKeys() *Keys { return &Keys{} }

// Load implements [keyring.Store].
func (s *Keys) Load(context.Context) ([]keyring.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys), nil
}

// Change implements [keyring.Store].
func (s *Keys) Change(_ context.Context, change func([]keyring.Stored) ([]keyring.Stored, []handstamp.Event, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, events, err := change(slices.Clone(s.keys))
	if err != nil {
		return err
	}
	s.keys = slices.Clone(keys)
	slices.SortFunc(s.keys, func(a, b keyring.Stored) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	s.Audit.add(events)
	return nil
}
