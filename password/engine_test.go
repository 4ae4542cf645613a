package password

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// TestLocalReusesMemory: one hash after the other takes the memory of the one before, also where
// nobody else collects.
func TestLocalReusesMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	p := Params{MemoryKiB: 16 << 10, Passes: 1, Lanes: 1}
	one := uint64(p.MemoryKiB) << 10
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	always := &Local{CollectAlways: true}
	for range 8 {
		if _, err := always.Hash(t.Context(), "p", p); err != nil {
			t.Fatal(err)
		}
		if got := inUse(); got > one {
			t.Errorf("%d MiB are in use after a hash that took %d", got>>20, one>>20)
		}
	}
	// How often it does so otherwise depends on what that takes; the first time it is not known.
	if _, err := new(Local).Hash(t.Context(), "p", p); err != nil {
		t.Fatal(err)
	}
	if got := inUse(); got > one {
		t.Errorf("%d MiB are in use after the first hash, which took %d", got>>20, one>>20)
	}
}

// TestGarbageIsCheap: where a collection takes long, there are few of them.
func TestGarbageIsCheap(t *testing.T) {
	g := garbage{took: [...]time.Duration{time.Second, time.Minute}}
	for i := range 49 {
		if g.isDue(time.Second) {
			t.Errorf("collected after %d s, want 50 times what it takes", i+1)
		}
	}
	if !g.isDue(time.Second) {
		t.Error("not collected after 50 times what it takes")
	}
	if g.isDue(time.Second) {
		t.Error("collected again, a second later")
	}
}

func TestLocalRefuses(t *testing.T) {
	var engine Local
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx  context.Context
		p    Params
		want error
	}{
		"nobody waits":      {done, small, context.Canceled},
		"impossible params": {t.Context(), Params{MemoryKiB: 64}, nil},
	} {
		_, hashErr := engine.Hash(tt.ctx, "p", tt.p)
		verdict, verifyErr := engine.Verify(tt.ctx, "", "p", tt.p)
		for _, err := range []error{hashErr, verifyErr} {
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || verdict != (Verdict{}) {
				t.Errorf("%s: %+v, %v", name, verdict, err)
			}
		}
	}
}

// A queue is an Engine in which everybody waits for ever.
type queue struct{}

func (queue) Hash(ctx context.Context, _ string, _ Params) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func (queue) Verify(ctx context.Context, _, _ string, _ Params) (Verdict, error) {
	<-ctx.Done()
	return Verdict{}, ctx.Err()
}

// TestEngineMayWait, and nobody waits there for longer than in front of it.
func TestEngineMayWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &Hasher{Params: small, Engine: queue{}}
		start := time.Now()
		if _, err := h.Verify(t.Context(), "", "p"); !errors.Is(err, ErrBusy) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want ErrBusy", err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("refused after %v", took)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Hash(short, "p"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrBusy) {
			t.Errorf("%v, want the caller's own deadline", err)
		}
	})
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, free := busy(t, &Hasher{Queue: 1})
		waiting := make(chan error, 1)
		go func() { _, err := h.Verify(t.Context(), "malformed", "p"); waiting <- err }()
		synctest.Wait()
		if _, err := h.Hash(t.Context(), "p"); !errors.Is(err, ErrBusy) {
			t.Errorf("%v, want ErrBusy", err)
		}
		if got, want := h.Stats(), (Stats{Waiting: 1, Running: 1, Refused: 1}); got != want {
			t.Errorf("busy: %+v, want %+v", got, want)
		}
		free()
		if err := <-waiting; !errors.Is(err, ErrFormat) {
			t.Error(err)
		}
		if got, want := h.Stats(), (Stats{Done: 2, Refused: 1}); got != want {
			t.Errorf("afterwards: %+v, want %+v", got, want)
		}
	})
	if got := new(Hasher).Stats(); got != (Stats{}) {
		t.Errorf("unused: %+v", got)
	}
}
