package chaos_test

import (
	"math/rand/v2"
	"slices"
	"sync"
)

// A held is a session token that a client has.
type held struct {
	text  string
	owner person
	isBad bool // it has been ended, or may have been
	taken bool // somebody is renewing or ending it
}

// A pool is the tokens of all clients. It is safe for concurrent use.
type pool struct {
	mu   sync.Mutex
	live []*held
	bad  []*held // the last one to go bad last
}

func (p *pool) add(text string, owner person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live = append(p.live, &held{text: text, owner: owner})
}

// spoil notes that a token has been ended, or may have been.
func (p *pool) spoil(h *held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoilLocked(h)
}

func (p *pool) spoilLocked(h *held) {
	if !h.isBad {
		h.isBad = true
		p.live = slices.DeleteFunc(p.live, func(other *held) bool { return other == h })
		p.bad = append(p.bad, h)
	}
}

// spoilAll is spoil for all of a user but one.
func (p *pool) spoilAll(owner person, except *held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range slices.Clone(p.live) {
		if h.owner == owner && h != except {
			p.spoilLocked(h)
		}
	}
}

// any returns a token to use, or nil: mostly a live one, and otherwise one that must be refused, rather one
// that has ended of late.
func (p *pool) any(random *rand.Rand) *held {
	const late = 48
	p.mu.Lock()
	defer p.mu.Unlock()
	from := p.live
	if kind := random.IntN(10); len(p.bad) > 0 && (kind < 4 || len(from) == 0) {
		from = p.bad
		if kind > 0 {
			from = from[max(0, len(from)-late):]
		}
	}
	if len(from) == 0 {
		return nil
	}
	return from[random.IntN(len(from))]
}

// take returns a live token that is the caller's alone until it calls release, or nil.
func (p *pool) take(random *rand.Rand) *held {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range 8 {
		if len(p.live) == 0 {
			return nil
		}
		if h := p.live[random.IntN(len(p.live))]; !h.taken {
			h.taken = true
			return h
		}
	}
	return nil
}

// takeOf is take for a token of one owner.
func (p *pool) takeOf(owner person) *held {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.live {
		if h.owner == owner && !h.taken {
			h.taken = true
			return h
		}
	}
	return nil
}

func (p *pool) release(h *held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.taken = false
}

func (p *pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.live)
}

// all returns every token there has been.
func (p *pool) all() []*held {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Concat(p.live, p.bad)
}
