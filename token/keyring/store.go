package keyring

import (
	"context"

	"github.com/handstamp/handstamp"
)

// A Store keeps sealed keys, a handful of them. Methods are safe for concurrent use and give up when
// their context is done; a change that gave up may still happen. The package storetest checks the
// contract.
type Store interface {
	// Load returns all keys, in the order of CreatedAt and ID.
	Load(ctx context.Context) ([]Stored, error)

	// Change puts in the place of all keys those that change returns for them, in one step in which
	// nobody else changes any, and durably. A Store that keeps an audit log writes the events in the
	// same step. An error of change is returned as it is, and then nothing has happened. change may
	// keep neither the keys nor wait for anything.
	Change(ctx context.Context, change func([]Stored) ([]Stored, []handstamp.Event, error)) error
}
