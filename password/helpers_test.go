package password

import (
	"context"
	"runtime"
	"sync"
	"testing"
)

// small keeps tests quick: 64 KiB gone over twice.
var small = Params{MemoryKiB: 64, Passes: 2, Lanes: 1}

// A counter stands between a Hasher and argon2 and notes each computation.
type counter struct {
	mu    sync.Mutex
	calls []Params
}

// attach makes h count, and returns h.
func (c *counter) attach(h *Hasher) *Hasher {
	h.derive = func(password, salt []byte, p Params, tagLength int) []byte {
		c.mu.Lock()
		c.calls = append(c.calls, p)
		c.mu.Unlock()
		return argon2Key(password, salt, p, tagLength)
	}
	return h
}

// take returns the computations since the last take.
func (c *counter) take() []Params {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

func mustHash(t testing.TB, p Params, password string) string {
	t.Helper()
	encoded, err := (&Hasher{Params: p}).Hash(context.Background(), password)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// allocated returns how many bytes f allocates, garbage included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
