package remotestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/session"
)

// done is what the server answers where there is nothing to say.
type done struct{}

// Insert implements [session.Records].
func (s *Store) Insert(ctx context.Context, r session.Record, events ...handstamp.Event) error {
	in := nodeapi.InsertRequest{Record: nodeapi.RecordOf(r), Events: nodeapi.EventsOf(events)}
	if err := s.do(ctx, call{path: nodeapi.InsertPath, write: true}, in, &nodeapi.Written{}); err != nil {
		return fmt.Errorf("remote store: insert session: %w", err)
	}
	return nil
}

// errIncarnation means that the server reads from another store than the one from which the lease is.
var errIncarnation = errors.New("the store behind the server is being replaced by another")

// loads is how often a session is read again while the server's store is being replaced.
const loads = 4

// Load implements [session.Records]. It asks the server, which asks its store.
func (s *Store) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	for range loads {
		next := s.nextStep()
		var loaded nodeapi.Loaded
		if err := s.do(ctx, call{path: nodeapi.LoadPath, again: true}, nodeapi.LoadRequest{Hash: nodeapi.Hash(hash)}, &loaded); err != nil {
			return session.Record{}, fmt.Errorf("remote store: load session: %w", err)
		}
		record := loaded.Record.Read()
		if record.Hash != hash {
			return session.Record{}, errors.New("remote store: load session: the server answers with another one")
		}
		// What is remembered of it is vouched for by the incarnation that counts, of which this has to be, too.
		if counts := s.node.Incarnation(); counts == "" || counts == loaded.Incarnation {
			return record, nil
		}
		s.wake()
		select {
		case <-next:
		case <-ctx.Done():
			return session.Record{}, fmt.Errorf("remote store: load session: %w: %w", errIncarnation, ctx.Err())
		}
	}
	return session.Record{}, fmt.Errorf("remote store: load session: %w", errIncarnation)
}

// Swap implements [session.Records].
func (s *Store) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	in := nodeapi.SwapRequest{Old: nodeapi.Hash(old), Record: nodeapi.RecordOf(r), Events: nodeapi.EventsOf(events)}
	var written nodeapi.Written
	if err := s.do(ctx, call{path: nodeapi.SwapPath, write: true}, in, &written); err != nil {
		return fmt.Errorf("remote store: swap session: %w", err)
	}
	s.await(ctx, written)
	return nil
}

// Touch implements [session.Records].
func (s *Store) Touch(ctx context.Context, hash session.Hash, at time.Time) error {
	in := nodeapi.TouchRequest{Hash: nodeapi.Hash(hash), At: at}
	if err := s.do(ctx, call{path: nodeapi.TouchPath, again: true}, in, &done{}); err != nil {
		return fmt.Errorf("remote store: touch session: %w", err)
	}
	return nil
}

// End implements [session.Records]. To a client that may only verify, the server refuses to end others than that with a Hash; and it says
// that none has expired, as it sweeps those itself.
func (s *Store) End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	var written nodeapi.Written
	if err := s.do(ctx, call{path: nodeapi.EndPath, write: true}, nodeapi.EndOf(which, events), &written); err != nil {
		return 0, fmt.Errorf("remote store: end sessions: %w", err)
	}
	s.await(ctx, written)
	return written.Ended, nil
}

// List implements [session.Records].
func (s *Store) List(ctx context.Context, q session.Query) ([]session.Session, error) {
	in := nodeapi.ListRequest{UserID: q.UserID, After: nodeapi.Place(q.After), Limit: min(max(q.Limit, 0), nodeapi.MaxList)}
	var list nodeapi.Sessions
	if err := s.do(ctx, call{path: nodeapi.ListPath, again: true}, in, &list); err != nil {
		return nil, fmt.Errorf("remote store: list sessions: %w", err)
	}
	sessions := make([]session.Session, 0, len(list.Sessions))
	for _, one := range list.Sessions {
		sessions = append(sessions, one.Read())
	}
	return sessions, nil
}
