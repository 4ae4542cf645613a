package client

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
)

// ErrName means that a name is empty, longer than [MaxName], or has characters that are no text.
var ErrName = errors.New("name of a client not acceptable")

// MaxName is how many bytes of UTF-8 the name of a client may have.
const MaxName = 100

// errRefused means that a pair of id and secret is not good, whatever is wrong with it.
var errRefused = fmt.Errorf("client: %w", handstamp.ErrBadCredential)

// A Registry adds and removes the clients of a [Store], and says which of them is asking. Set the field
// before its first use; after that it is safe for concurrent use.
type Registry struct {
	// Notify hears of clients that come and go.
	Notify handstamp.Listener

	store Store
}

// New returns the Registry of the clients in store.
func New(store Store) *Registry { return &Registry{store: store} }

// Add makes a client. Its secret is kept nowhere: who loses it deletes the client, and adds another. It
// returns [ErrName] for a name that cannot be one, and [ErrScope] for a scope that is none.
func (r *Registry) Add(ctx context.Context, name string, scope Scope) (Client, Secret, error) {
	if !isName(name) {
		return Client{}, "", ErrName
	}
	if !scope.IsKnown() {
		return Client{}, "", ErrScope
	}
	id := handstamp.NewID()
	secret := newSecret(id)
	record := Record{
		Client:     Client{ID: id, Name: name, CreatedAt: time.Now().UTC().Truncate(time.Microsecond), Scope: scope},
		SecretHash: secret.hash(),
	}
	event := eventOf(ctx, handstamp.ActionClientCreate, record.Client)
	if err := r.store.Insert(ctx, record, event); err != nil {
		return Client{}, "", fmt.Errorf("add client: %w", err)
	}
	r.Notify.Hear(ctx, event)
	return record.Client, secret, nil
}

func isName(name string) bool {
	return name != "" && len(name) <= MaxName && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// List returns all clients, the oldest first.
func (r *Registry) List(ctx context.Context) ([]Client, error) {
	clients, err := r.store.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return clients, nil
}

// Delete removes a client, or returns [ErrNoClient]. When it has returned, the client is refused.
func (r *Registry) Delete(ctx context.Context, id handstamp.ID) error {
	record, err := r.store.Load(ctx, id) // for its name
	if err != nil {
		return fmt.Errorf("delete client: %w", err)
	}
	event := eventOf(ctx, handstamp.ActionClientDelete, record.Client)
	if err := r.store.Delete(ctx, id, event); err != nil {
		return fmt.Errorf("delete client: %w", err)
	}
	r.Notify.Hear(ctx, event)
	return nil
}

// eventOf returns an event that says of which client it tells: an Event has no place of its own for one.
func eventOf(ctx context.Context, action handstamp.Action, c Client) handstamp.Event {
	event := handstamp.NewEvent(ctx, action)
	event.Reason = c.ID.String() + " " + c.Name
	if c.Scope != ScopeIntrospect {
		event.Reason += " (" + string(c.Scope) + ")"
	}
	return event
}

// Authenticate returns the client that has this id and secret, both as they were sent. For everybody else
// the error wraps [handstamp.ErrBadCredential]; any other error means that the store could not be asked.
// Whether there is a client with this id does not show in the time that it takes.
func (r *Registry) Authenticate(ctx context.Context, id string, secret Secret) (Client, error) {
	if !secret.IsWellFormed() { // which depends on nothing that is kept here
		return Client{}, errRefused
	}
	asked, err := handstamp.ParseID(id)
	isKnown := err == nil
	record, err := r.store.Load(ctx, asked) // also where nobody can have this id
	if err != nil && !errors.Is(err, ErrNoClient) {
		return Client{}, fmt.Errorf("authenticate client: %w", err)
	}
	isKnown = isKnown && err == nil
	hash := secret.hash()
	// Of an unknown client the hash is all zeros, of which nobody has a secret.
	if isRight := subtle.ConstantTimeCompare(hash[:], record.SecretHash[:]) == 1; !isRight || !isKnown {
		return Client{}, errRefused
	}
	return record.Client, nil
}
