package password

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A meter is an Engine that takes a second of the test's own clock and measures how much runs at
// once.
type meter struct {
	mu              sync.Mutex
	calls           int
	memory, highest uint32 // KiB
}

func (m *meter) Hash(_ context.Context, _ string, p Params) (string, error) {
	m.run(p.MemoryKiB)
	return "", nil
}

func (m *meter) Verify(_ context.Context, encoded, _ string, p Params) (Verdict, error) {
	memory := p.MemoryKiB
	if stored, err := parse(encoded); err == nil {
		memory = stored.memoryKiB()
	}
	m.run(memory)
	return Verdict{}, nil
}

func (m *meter) run(memory uint32) {
	m.mu.Lock()
	m.calls++
	m.memory += memory
	m.highest = max(m.highest, m.memory)
	m.mu.Unlock()
	time.Sleep(time.Second) // of the bubble's clock: every test that uses it runs in one
	m.mu.Lock()
	m.memory -= memory
	m.mu.Unlock()
}

func TestBudget(t *testing.T) {
	processors := runtime.GOMAXPROCS(0)
	for name, tt := range map[string]struct {
		budget  int64 // KiB
		highest uint32
		seconds int
	}{
		"three at once":         {3*64 + 63, 3 * 64, 34},
		"one at once":           {64, 64, 100},
		"zero":                  {0, uint32(processors) * 64, (100 + processors - 1) / processors},
		"all at once":           {100 * 64, 100 * 64, 1},
		"less than one can use": {1, 64, 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var m meter
				h := &Hasher{Params: small, MemoryKiB: tt.budget, Wait: time.Hour, Engine: &m}
				start := time.Now()
				var wg sync.WaitGroup
				for i := range 100 {
					wg.Go(func() {
						var err error
						if i%2 == 0 {
							_, err = h.Hash(t.Context(), "p")
						} else {
							_, err = h.Verify(t.Context(), "", "p")
						}
						if err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if m.highest != tt.highest || m.calls != 100 {
					t.Errorf("%d KiB at once in %d hashes, want %d", m.highest, m.calls, tt.highest)
				}
				if took := time.Since(start); took != time.Duration(tt.seconds)*time.Second {
					t.Errorf("took %v, want %d s", took, tt.seconds)
				}
			})
		})
	}
}

// A stored hash counts with its own memory, if that is more than the current Params take.
func TestBudgetCountsStoredHash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m meter
		h := &Hasher{Params: small, MemoryKiB: 256, Engine: &m}
		fat, cheap := "$argon2id$v=19$m=128,t=1,p=1"+tail, "$argon2id$v=19$m=8,t=16,p=1"+tail
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _, _ = h.Verify(t.Context(), fat, "p") })
		}
		wg.Wait()
		if m.highest != 256 {
			t.Errorf("%d KiB at once, want 256", m.highest)
		}
		m = meter{}
		for range 8 {
			wg.Go(func() { _, _ = h.Verify(t.Context(), cheap, "p") })
		}
		wg.Wait()
		if m.highest != 4*8 {
			t.Errorf("%d cheap hashes at once, want 4", m.highest/8)
		}
	})
}

// A held is an Engine that computes as Local does, but takes until it is let go.
type held struct {
	Local
	free chan struct{}
}

func (e *held) Hash(ctx context.Context, plain string, p Params) (string, error) {
	<-e.free
	return e.Local.Hash(context.WithoutCancel(ctx), plain, p)
}

func (e *held) Verify(ctx context.Context, encoded, plain string, p Params) (Verdict, error) {
	<-e.free
	return e.Local.Verify(context.WithoutCancel(ctx), encoded, plain, p)
}

// busy returns a Hasher that is hashing all it can until free is called.
func busy(t *testing.T, h *Hasher) (_ *Hasher, free func()) {
	engine := &held{free: make(chan struct{})}
	h.Params, h.MemoryKiB, h.Engine = small, 64, engine
	go func() {
		if _, err := h.Hash(context.WithoutCancel(t.Context()), "first"); err != nil {
			t.Error(err)
		}
	}()
	synctest.Wait()
	return h, func() { close(engine.free); synctest.Wait() }
}

func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, free := busy(t, &Hasher{Queue: 2})
		waiting := make(chan error, 2)
		for range 2 {
			go func() { _, err := h.Hash(t.Context(), "p"); waiting <- err }()
		}
		synctest.Wait()
		start := time.Now()
		if _, err := h.Hash(t.Context(), "p"); !errors.Is(err, ErrBusy) {
			t.Errorf("Hash: %v", err)
		}
		if got, err := h.Verify(t.Context(), "", "p"); got != (Verdict{}) || !errors.Is(err, ErrBusy) {
			t.Errorf("Verify: %+v, %v", got, err)
		}
		if time.Since(start) != 0 {
			t.Error("waited to be refused")
		}
		// Whoever keeps the queue full must not see which guess is right.
		for _, guess := range []string{"fake pwd", "another"} {
			if got, err := h.Verify(t.Context(), fakePwd, guess); got != (Verdict{}) || !errors.Is(err, ErrBusy) {
				t.Errorf("SHA-256, %s: %+v, %v", guess, got, err)
			}
		}
		free()
		for range 2 {
			if err := <-waiting; err != nil {
				t.Errorf("waiting: %v", err)
			}
		}
		// Those who left gave their places back.
		if _, err := h.Hash(t.Context(), "p"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestNoQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, free := busy(t, &Hasher{Queue: -1})
		start := time.Now()
		if _, err := h.Hash(t.Context(), "p"); !errors.Is(err, ErrBusy) || time.Since(start) != 0 {
			t.Errorf("Hash: %v after %v", err, time.Since(start))
		}
		free()
	})
}

func TestWaitOver(t *testing.T) {
	for wait, want := range map[time.Duration]time.Duration{0: 2 * time.Second, time.Minute: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			h, free := busy(t, &Hasher{Wait: wait, Queue: 1})
			for range 3 { // each gives its place in the queue back
				start := time.Now()
				_, err := h.Hash(t.Context(), "p")
				if took := time.Since(start); !errors.Is(err, ErrBusy) || errors.Is(err, context.DeadlineExceeded) || took != want {
					t.Errorf("%v after %v, want ErrBusy after %v", err, took, want)
				}
			}
			free()
			if _, err := h.Hash(t.Context(), "p"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestContextDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, free := busy(t, &Hasher{})
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 2)
		go func() { _, err := h.Hash(ctx, "p"); failed <- err }()
		go func() { _, err := h.Verify(ctx, "", "p"); failed <- err }()
		synctest.Wait()
		start := time.Now()
		cancel()
		for range 2 {
			if err := <-failed; !errors.Is(err, context.Canceled) || errors.Is(err, ErrBusy) {
				t.Errorf("cancelled: %v", err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("waited %v after the end", took)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Hash(short, "p"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline: %v", err)
		}
		free()
		// Nothing is begun for someone who has left, even where there is room.
		if _, err := h.Hash(ctx, "p"); !errors.Is(err, context.Canceled) || err.Error() != "hash password: context canceled" {
			t.Errorf("left before: %v", err)
		}
	})
}
