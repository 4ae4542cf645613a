// Package cache is a map of what was read from somewhere slower, that never keeps what changed
// while it was being read.
//
// The trouble with a cache in front of a store is the slow fill: one goroutine reads a session,
// another one ends it and drops it from the cache, and then the first puts back what it had read.
// The session is alive again. So whoever means to fill takes a [Ticket] before reading, and each
// [Cache.Drop] makes the tickets that are out worthless.
//
// The map is split into shards with a lock each. With keys and values that hold no pointers the
// garbage collector never looks inside, whatever the number of entries.
package cache

import (
	"sync"
	"sync/atomic"
)

// shards is how many parts a Cache has: enough that a writer in one hardly ever delays a reader,
// few enough that an empty Cache costs nothing to speak of.
const shards = 256

// A Cache holds up to a fixed number of entries; when it is full, a new entry takes the place of
// some other. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	parts   [shards]shard[K, V]
	shardOf func(K) uint8
	cap     int // entries in each shard
}

type shard[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]V
	drops   Ticket // counts what was dropped

	// Beside the lock that each Get takes anyway: counting on a line that all shards share would
	// make processors wait for each other.
	hits, misses atomic.Uint64

	_ [64]byte // keeps the locks of neighbours on cache lines of their own
}

// A Ticket is permission to fill in what is read after it was taken.
type Ticket uint64

// New returns an empty Cache for about capacity entries. shardOf spreads keys evenly over its
// 256 results; for random keys, one of their bytes will do.
func New[K comparable, V any](capacity int, shardOf func(K) uint8) *Cache[K, V] {
	c := &Cache[K, V]{shardOf: shardOf, cap: max(1, (capacity+shards-1)/shards)}
	for i := range c.parts {
		c.parts[i].entries = make(map[K]V)
	}
	return c
}

func (c *Cache[K, V]) part(key K) *shard[K, V] { return &c.parts[c.shardOf(key)] }

// Get returns the entry of key.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	p := c.part(key)
	p.mu.RLock()
	value, ok := p.entries[key]
	p.mu.RUnlock()
	if ok {
		p.hits.Add(1)
	} else {
		p.misses.Add(1)
	}
	return value, ok
}

// Lookups returns how many calls of Get found an entry so far, and how many did not.
func (c *Cache[K, V]) Lookups() (hits, misses uint64) {
	for i := range c.parts {
		p := &c.parts[i]
		hits += p.hits.Load()
		misses += p.misses.Load()
	}
	return hits, misses
}

// Peek is Get for those who are no lookup: it is not counted.
func (c *Cache[K, V]) Peek(key K) (V, bool) {
	p := c.part(key)
	p.mu.RLock()
	defer p.mu.RUnlock()
	value, ok := p.entries[key]
	return value, ok
}

// Ticket returns the permission to fill in key. Take it before reading from the source.
func (c *Cache[K, V]) Ticket(key K) Ticket {
	p := c.part(key)
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.drops
}

// Fill enters value under key, unless anything that it could contradict was dropped since the
// ticket was taken. It reports whether the value was entered.
func (c *Cache[K, V]) Fill(key K, value V, ticket Ticket) bool {
	p := c.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drops != ticket {
		return false
	}
	if _, there := p.entries[key]; !there && len(p.entries) >= c.cap {
		// Any entry will do: what was evicted wrongly costs one read, and the order in which
		// a map is walked is random.
		for victim := range p.entries {
			delete(p.entries, victim)
			break
		}
	}
	p.entries[key] = value
	return true
}

// Edit calls change with the entry of key, if there is one, while nobody else sees it.
func (c *Cache[K, V]) Edit(key K, change func(*V)) {
	p := c.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if value, ok := p.entries[key]; ok {
		change(&value)
		p.entries[key] = value
	}
}

// Drop removes the entry of key and voids the tickets that are out for it.
func (c *Cache[K, V]) Drop(key K) {
	p := c.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drops++
	delete(p.entries, key)
}

// Clear removes every entry and voids every ticket that is out.
func (c *Cache[K, V]) Clear() {
	for i := range c.parts {
		p := &c.parts[i]
		p.mu.Lock()
		p.drops++
		clear(p.entries)
		p.mu.Unlock()
	}
}

// VoidTickets voids every ticket that is out, and leaves the entries. It is for changes whose
// keys are not known.
func (c *Cache[K, V]) VoidTickets() {
	for i := range c.parts {
		p := &c.parts[i]
		p.mu.Lock()
		p.drops++
		p.mu.Unlock()
	}
}

// Len returns the number of entries.
func (c *Cache[K, V]) Len() int {
	n := 0
	for i := range c.parts {
		p := &c.parts[i]
		p.mu.RLock()
		n += len(p.entries)
		p.mu.RUnlock()
	}
	return n
}
