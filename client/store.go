package client

import (
	"context"
	"errors"
	"time"

	"github.com/handstamp/handstamp"
)

// What a Store says of a client. Every other error means that the store is broken.
var (
	// ErrNoClient means that there is no such client.
	ErrNoClient = errors.New("no such client")
	// ErrExists means that there is a client with this ID already.
	ErrExists = errors.New("client exists already")
)

// A Client is a service that may ask about tokens, and more where its Scope says so.
type Client struct {
	ID        handstamp.ID `json:"id"`         // with which it asks; safe to show and log
	Name      string       `json:"name"`       // for people; two may have the same
	CreatedAt time.Time    `json:"created_at"` // UTC in whole microseconds
	Scope     Scope        `json:"scope"`      // what it may do
}

// A Record is a client as a store keeps it.
type Record struct {
	Client
	SecretHash Hash
}

// A Store keeps clients. Methods are safe for concurrent use and give up when their context is done; a
// write that gave up may still happen. Each write is atomic and durable when it returns nil. Each read
// sees every write that has returned. A Store that keeps an audit log writes the events in the same step,
// if anything was written at all.
type Store interface {
	// Insert adds a client, or returns ErrExists.
	Insert(ctx context.Context, r Record, events ...handstamp.Event) error

	// Load returns the client with this ID, or ErrNoClient.
	Load(ctx context.Context, id handstamp.ID) (Record, error)

	// List returns all clients, the oldest first; those of the same time in the order of their IDs.
	List(ctx context.Context) ([]Client, error)

	// Delete removes the client with this ID, or returns ErrNoClient.
	Delete(ctx context.Context, id handstamp.ID, events ...handstamp.Event) error
}
