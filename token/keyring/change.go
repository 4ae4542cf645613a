package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/handstamp/handstamp"
)

// changeTries is more than an edit has shortages: two keys for each purpose.
const changeTries = 8

// change does to the keys in the store what do says, and makes it count. Where spare keys are missing,
// it makes them and calls do again.
func (k *Keyring) change(ctx context.Context, do func(*edit) error) error {
	var spares []Stored
	for range changeTries {
		events, err := k.tryChange(ctx, spares, do)
		short := (*shortage)(nil)
		switch {
		case err == nil:
			k.config.Notify.Hear(ctx, events...)
			return nil
		case !errors.As(err, &short):
			return fmt.Errorf("change signing keys: %w", err)
		}
		plain, err := generate(short.of)
		if err != nil {
			return fmt.Errorf("make signing key: %w", err)
		}
		spares = append(spares, sealed(k.seal, short.of, plain, timeNow()))
	}
	return errors.New("change signing keys: no end of what is missing")
}

// errNothing ends a change that has nothing to change.
var errNothing = errors.New("nothing to change")

// tryChange is change for those who have the spare keys. Keys that cannot be opened are never changed.
func (k *Keyring) tryChange(ctx context.Context, spares []Stored, do func(*edit) error) ([]handstamp.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.now.Load()
	var done *edit // only looked at when Change has returned, and not when it has given up
	err := k.store.Change(ctx, func(keys []Stored) ([]Stored, []handstamp.Event, error) {
		if _, err := newRing(k.seal, keys, before); err != nil {
			return nil, nil, err
		}
		e := k.edit(ctx, slices.Clone(keys), slices.Clone(spares))
		if err := do(e); err != nil {
			return nil, nil, err
		}
		done = e
		if len(e.events) == 0 {
			return nil, nil, errNothing
		}
		return e.keys, e.events, nil
	})
	if err != nil && !errors.Is(err, errNothing) {
		return nil, err
	}
	return done.events, k.install(done.keys)
}

func (k *Keyring) edit(ctx context.Context, keys, spares []Stored) *edit {
	return &edit{ctx: ctx, now: timeNow(), config: k.config, keys: keys, spares: spares}
}

// timeNow returns the time as stores keep it.
func timeNow() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
