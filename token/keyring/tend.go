package keyring

import (
	"context"
	"time"
)

// tendEvery is how often a Keyring looks at the store by itself, and so how long it takes until it
// knows what others have changed.
const tendEvery = 10 * time.Second

// tend looks after the keys until ctx is done.
func (k *Keyring) tend(ctx context.Context) {
	ticker := time.NewTicker(tendEvery)
	defer ticker.Stop()
	isFailing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := k.tendOnce(ctx)
		if err != nil && !isFailing && ctx.Err() == nil { // once, and not every 10 seconds
			k.config.Notify.Fault(ctx, "look after signing keys", err)
		}
		isFailing = err != nil
	}
}

// tendOnce reads the keys, and changes them only if something is due: reading costs next to nothing.
func (k *Keyring) tendOnce(ctx context.Context) error {
	k.mu.Lock()
	err := k.look(ctx)
	k.mu.Unlock()
	if err != nil {
		return err
	}
	try := k.edit(ctx, k.now.Load().stored(), nil)
	if err := try.each(try.tend); err == nil && len(try.events) == 0 {
		return nil
	}
	return k.change(ctx, func(e *edit) error { return e.each(e.tend) })
}
