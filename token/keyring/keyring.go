package keyring

import (
	"context"
	"crypto/cipher"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Keyring signs and verifies with the keys in a [Store], and looks after them in the background. It
// is safe for concurrent use. Printing one shows dots.
type Keyring struct {
	store  Store
	seal   cipher.AEAD
	config Config

	now atomic.Pointer[ring] // what counts

	// mu is held by who asks the store, so that what counts never goes back in time.
	mu       sync.Mutex
	askedAt  time.Time // when refresh has last looked
	askedErr error     // what came of it

	stop    context.CancelFunc
	stopped sync.WaitGroup
}

// Open returns the Keyring of the keys in store, after it has made those that are missing and done
// what is due. seal is the key, 32 bytes, under which they are sealed. If a key was sealed under
// another one, Open changes nothing and returns an error that wraps [ErrSealed]. Close it when it is
// no longer needed.
func Open(ctx context.Context, store Store, seal []byte, config Config) (*Keyring, error) {
	if err := config.settle(); err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	aead, err := newSeal(seal)
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	k := &Keyring{store: store, seal: aead, config: config}
	if err := k.change(ctx, func(e *edit) error { return e.each(e.begin) }); err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	background, stop := context.WithCancel(context.Background())
	k.stop = stop
	k.stopped.Go(func() { k.tend(background) })
	return k, nil
}

// Close ends what goes on in the background. The Keyring must not be used afterwards.
func (k *Keyring) Close() {
	k.stop()
	k.stopped.Wait()
}

// Has reports whether the key with this ID is accepted now. It is for those who remember that a
// signature was good.
func (k *Keyring) Has(id string) bool { return accepts(k.now.Load().byID[id], time.Now()) }

// storeTimeout bounds what one call waits for the store, whatever the caller's context says.
const storeTimeout = 5 * time.Second

// look makes what is in the store count. Whoever calls it holds mu.
func (k *Keyring) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	stored, err := k.store.Load(ctx)
	if err == nil {
		err = k.install(stored)
	}
	if err != nil {
		return fmt.Errorf("read signing keys: %w", err)
	}
	return nil
}

func (k *Keyring) install(stored []Stored) error {
	r, err := newRing(k.seal, stored, k.now.Load())
	if err == nil {
		k.now.Store(r)
	}
	return err
}

// lookAgain is how long it takes until strangers can bring about another look at the store.
const lookAgain = time.Second

// refresh looks at the store for those who have met what they do not know, but not again within a
// second: they may be strangers. Its error means that nobody can say.
func (k *Keyring) refresh() error {
	called := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	if called.Sub(k.askedAt) >= lookAgain { // and not where somebody has looked while this one waited
		k.askedAt = time.Now()
		k.askedErr = k.look(context.Background())
	}
	return k.askedErr
}
