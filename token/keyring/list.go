package keyring

import (
	"context"
	"fmt"
	"slices"

	"github.com/handstamp/handstamp"
)

// List returns all keys that are in the store: what signs, what will, and what did.
func (k *Keyring) List(ctx context.Context) ([]Key, error) { return List(ctx, k.store) }

// List returns what everybody may know of the keys in store, for those who need not open them.
func List(ctx context.Context, store Store) ([]Key, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	stored, err := store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	keys := make([]Key, len(stored))
	for i, s := range stored {
		keys[i] = s.Key
	}
	inOrder(keys)
	return keys, nil
}

// Forget removes every key from store, also those that nobody can open any more. It is for those who
// have lost their master key; whoever opens a Keyring next makes new keys. No Keyring may be open.
func Forget(ctx context.Context, store Store) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err := store.Change(ctx, func(keys []Stored) ([]Stored, []handstamp.Event, error) {
		e := &edit{ctx: ctx, keys: slices.Clone(keys)}
		e.remove(func(Key) bool { return true })
		return e.keys, e.events, nil
	})
	if err != nil {
		return fmt.Errorf("forget signing keys: %w", err)
	}
	return nil
}
