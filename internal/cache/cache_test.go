package cache_test

import (
	"crypto/sha256"
	"sync"
	"testing"

	"github.com/handstamp/handstamp/internal/cache"
)

func newCache(capacity int) *cache.Cache[int, string] {
	return cache.New[int, string](capacity, func(k int) uint8 { return uint8(k) })
}

func TestFillAndGet(t *testing.T) {
	c := newCache(1000)
	if _, ok := c.Get(1); ok {
		t.Fatal("an empty cache knows 1")
	}
	if !c.Fill(1, "one", c.Ticket(1)) {
		t.Fatal("a fresh ticket was refused")
	}
	if got, ok := c.Get(1); !ok || got != "one" {
		t.Fatalf("Get(1) = %q, %v; want one", got, ok)
	}
	c.Edit(1, func(v *string) { *v += "!" })
	c.Edit(2, func(*string) { t.Error("edited an entry that is not there") })
	if got, _ := c.Get(1); got != "one!" {
		t.Fatalf("after Edit: %q", got)
	}
}

// TestSlowFill is the race that tickets are for: read, then somebody drops, then fill.
func TestSlowFill(t *testing.T) {
	for name, drop := range map[string]func(*cache.Cache[int, string]){
		"by key": func(c *cache.Cache[int, string]) { c.Drop(1) },
		"all":    func(c *cache.Cache[int, string]) { c.VoidTickets() },
		"clear":  func(c *cache.Cache[int, string]) { c.Clear() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCache(1000)
			ticket := c.Ticket(1)
			drop(c)
			if c.Fill(1, "stale", ticket) {
				t.Fatal("a fill that was overtaken by a drop was accepted")
			}
			if got, ok := c.Get(1); ok {
				t.Fatalf("Get(1) = %q: what had been dropped is back", got)
			}
			if !c.Fill(1, "fresh", c.Ticket(1)) {
				t.Fatal("a ticket taken after the drop was refused")
			}
		})
	}
}

func TestDropRemoves(t *testing.T) {
	c := newCache(1000)
	c.Fill(1, "one", c.Ticket(1))
	c.Fill(2, "two", c.Ticket(2))
	c.Drop(1)
	if _, ok := c.Get(1); ok {
		t.Error("dropped, and still there")
	}
	c.VoidTickets()
	if _, ok := c.Get(2); !ok {
		t.Error("VoidTickets removed an entry")
	}
	c.Clear()
	if c.Len() != 0 {
		t.Error("Clear left an entry")
	}
}

func TestCapacityHolds(t *testing.T) {
	c := newCache(512)
	for i := range 10_000 {
		c.Fill(i, "x", c.Ticket(i))
	}
	if n := c.Len(); n != 512 {
		t.Errorf("%d entries, want the capacity of 512", n)
	}
	c.Fill(9_999, "y", c.Ticket(9_999))
	if got, _ := c.Get(9_999); got != "y" {
		t.Error("an entry that is there was not replaced in a full cache")
	}
}

func TestConcurrentUse(t *testing.T) {
	c := newCache(64)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2_000 {
				key := (i*7 + g) % 200
				ticket := c.Ticket(key)
				c.Fill(key, "v", ticket)
				c.Get(key)
				c.Edit(key, func(v *string) { *v = "w" })
				if i%5 == 0 {
					c.Drop(key)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkGet is what a request pays when its session is known, and all processors ask at once.
func BenchmarkGet(b *testing.B) {
	c := cache.New[[32]byte, [64]byte](1<<16, func(k [32]byte) uint8 { return k[0] })
	var keys [1 << 10][32]byte
	for i := range keys {
		keys[i] = sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		c.Fill(keys[i], [64]byte{}, c.Ticket(keys[i]))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, ok := c.Get(keys[i%len(keys)]); !ok {
				b.Error("gone")
			}
		}
	})
}
