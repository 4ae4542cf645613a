package account_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// A hangUp is an Engine whose caller hangs up while it computes.
type hangUp struct {
	password.Local
	cancel context.CancelFunc
}

func (h *hangUp) Verify(ctx context.Context, encoded, plain string, p password.Params) (password.Verdict, error) {
	verdict, err := h.Local.Verify(context.WithoutCancel(ctx), encoded, plain, p)
	h.cancel()
	return verdict, err
}

// A strictRecorder keeps nothing for those who are gone.
type strictRecorder struct{ recorder }

func (r *strictRecorder) Record(ctx context.Context, events ...handstamp.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.recorder.Record(ctx, events...)
}

// TestHangingUpDoesNotHideAnAttempt: who hangs up before the answer has made the server hash all the
// same; the attempt counts, and is written down.
func TestHangingUpDoesNotHideAnAttempt(t *testing.T) {
	for name, typed := range map[string]string{
		"one form":  "wrong password",
		"two forms": "wrong\u00a0password",                            // which is hashed as it was typed, and as it is prepared
		"growing":   strings.Repeat("\u0958", password.MaxCodePoints), // which is too long when it is prepared
	} {
		t.Run(name, func(t *testing.T) {
			people, log, engine := newHangingUp(t)
			addUser(t, people, bobsEmail, "user")
			const burst = 5
			for range burst {
				ctx, cancel := context.WithCancel(t.Context())
				engine.cancel = cancel
				if _, err := people.Authenticate(ctx, bobsEmail, typed); err == nil {
					t.Fatal("a wrong password is right")
				}
			}
			engine.cancel = func() {}
			if _, err := people.Authenticate(t.Context(), bobsEmail, typed); !errors.Is(err, throttle.ErrRefused) {
				t.Errorf("%v after %d attempts", err, burst)
			}
			if name != "two forms" && len(log.events) != burst+1 {
				t.Errorf("%d events: %+v", len(log.events), log.events)
			}
		})
	}
}

// newHangingUp returns a Directory with limits, the log that it keeps, and the Engine that it hashes with.
func newHangingUp(t *testing.T) (*account.Directory, *strictRecorder, *hangUp) {
	t.Helper()
	people, _, _ := newOffice(t)
	engine := &hangUp{cancel: func() {}}
	people.Passwords = &password.Hasher{Params: cheap, Engine: engine}
	limiter, err := throttle.New(memory.NewThrottle(), make([]byte, 32), throttle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(limiter.Close)
	log := &strictRecorder{}
	people.Limits, people.Audit = limiter, log
	return people, log, engine
}

// A countingStore counts what it is asked to take.
type countingStore struct {
	throttle.Store
	takes int
}

func (s *countingStore) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	s.takes++
	return s.Store.Take(ctx, now, buckets)
}

// TestTooLongCostsNoWrite: a password that is never looked at is refused before anything is written.
func TestTooLongCostsNoWrite(t *testing.T) {
	people, _, _ := newOffice(t)
	store := &countingStore{Store: memory.NewThrottle()}
	limiter, err := throttle.New(store, make([]byte, 32), throttle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(limiter.Close)
	people.Limits = limiter
	_, err = people.Authenticate(t.Context(), bobsEmail, strings.Repeat("a", password.MaxCodePoints+1))
	if !errors.Is(err, password.ErrTooLong) || store.takes != 0 {
		t.Errorf("%v, and %d attempts were written", err, store.takes)
	}
}
