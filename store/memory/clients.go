package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
)

// Clients is a [client.Store].
type Clients struct {
	// Audit keeps the events; nil to keep none.
	Audit *Audit

	mu   sync.RWMutex
	byID map[handstamp.ID]client.Record
}

// NewClients returns a store without clients.
func NewClients() *Clients { return &Clients{byID: make(map[handstamp.ID]client.Record)} }

// Insert implements [client.Store].
func (s *Clients) Insert(_ context.Context, r client.Record, events ...handstamp.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.byID[r.ID]; there {
		return client.ErrExists
	}
	s.byID[r.ID] = r
	s.Audit.add(events)
	return nil
}

// Load implements [client.Store].
func (s *Clients) Load(_ context.Context, id handstamp.ID) (client.Record, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, there := s.byID[id]
	if !there {
		return client.Record{}, client.ErrNoClient
	}
	return r, nil
}

// List implements [client.Store].
func (s *Clients) List(context.Context) ([]client.Client, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	clients := make([]client.Client, 0, len(s.byID))
	for _, r := range s.byID {
		clients = append(clients, r.Client)
	}
	slices.SortFunc(clients, func(a, b client.Client) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return clients, nil
}

// Delete implements [client.Store].
func (s *Clients) Delete(_ context.Context, id handstamp.ID, events ...handstamp.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.byID[id]; !there {
		return client.ErrNoClient
	}
	delete(s.byID, id)
	s.Audit.add(events)
	return nil
}
