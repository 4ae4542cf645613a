package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/store/memory"
)

// A house has an audit log and who is told of it.
type house struct {
	t      *testing.T
	log    *memory.Audit
	outbox *memory.Outbox

	mu       sync.Mutex
	reported []string
}

func newHouse(t *testing.T) *house {
	log := memory.NewAudit(audit.NewChain([]byte("key")))
	return &house{t: t, log: log, outbox: memory.NewOutbox(log)}
}

// start delivers to destinations until the test ends.
func (h *house) start(store outbox.Store, to ...outbox.Destination) *outbox.Deliverer {
	h.t.Helper()
	d, err := outbox.Start(h.t.Context(), store, outbox.Config{
		Source: "https://id.example.com", Destinations: to,
		Report: func(destination string, err error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.reported = append(h.reported, fmt.Sprintf("%s: %v", destination, err))
		},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func (h *house) reports() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.reported)
}

// happen records something that user does.
func (h *house) happen(user handstamp.ID, action handstamp.Action, what string) {
	h.t.Helper()
	e := handstamp.NewEvent(h.t.Context(), action)
	e.UserID, e.Reason = user, what
	if err := h.log.Record(h.t.Context(), e); err != nil {
		h.t.Fatal(err)
	}
}

// letters returns the reasons of the dead letters' events.
func (h *house) letters() (reasons []string) {
	h.t.Helper()
	letters, err := h.outbox.Letters(h.t.Context(), outbox.Filter{})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, l := range letters {
		reasons = append(reasons, l.Entry.Reason)
	}
	return reasons
}

func (h *house) backlog(destination string) outbox.Backlog {
	h.t.Helper()
	b, err := h.outbox.Backlog(h.t.Context(), destination)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

var errRefused = errors.New("refused")

// A mailbox is a destination that takes messages unless refuse says no.
type mailbox struct {
	mu     sync.Mutex
	refuse func(outbox.Message) error
	got    []outbox.Message
	tries  int
}

func (b *mailbox) Publish(_ context.Context, m outbox.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if b.refuse != nil {
		if err := b.refuse(m); err != nil {
			return err
		}
	}
	b.got = append(b.got, m)
	return nil
}

func (b *mailbox) setRefuse(refuse func(outbox.Message) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = refuse
}

// reasons returns the reasons of what was taken, of one user, or of all for the zero ID.
func (b *mailbox) reasons(user handstamp.ID) (reasons []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		if user.IsZero() || m.Event.UserID == user {
			reasons = append(reasons, m.Event.Reason)
		}
	}
	return reasons
}

func (b *mailbox) messages() []outbox.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func (b *mailbox) attempts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries
}

func (b *mailbox) destination(name string) outbox.Destination {
	return outbox.Destination{Name: name, Publisher: b}
}

func all(outbox.Message) error { return errRefused }

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

var ann, bob = handstamp.NewID(), handstamp.NewID()

// soon is how long it takes at most until something new is sent.
const soon = 2 * time.Second
