package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
)

// A memory remembers pairs of email and password that were found right, so that those who send
// them with every request do not make the server hash with every request. It knows a pair by its
// HMAC under a key that lives as long as the process.
type memory struct {
	key   [32]byte
	pairs *cache.Cache[pair, proved]
	turns turns
}

type pair [sha256.Size]byte

// A proved says whose pair it is. It counts as long as nothing has revoked the user's sessions.
type proved struct {
	user     handstamp.ID
	epoch    int64
	provedAt int64 // Unix microseconds
}

// memorySize is how many pairs are remembered at most.
const memorySize = 1 << 14

func newMemory() *memory {
	m := &memory{pairs: cache.New[pair, proved](memorySize, func(p pair) uint8 { return p[0] })}
	_, _ = rand.Read(m.key[:]) // never returns an error
	return m
}

func (m *memory) pairOf(email, plain string) pair {
	mac := hmac.New(sha256.New, m.key[:])
	// The length keeps "a" + "bc" and "ab" + "c" apart.
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(email))))
	mac.Write([]byte(email))
	mac.Write([]byte(plain))
	return pair(mac.Sum(nil))
}

// knownFor is for how long a pair that was right makes whoever sends it somebody who is known here. It is
// hashed again before that, but its attempts are counted apart from those of strangers: a program that
// uses Basic has no cookie, and must not be shut out by others who guess.
const knownFor = 24 * time.Hour

// remembered returns the user who was found to have this pair, within the time for which that counts. A
// pair for which it does not count any more may still be known.
func (d *Directory) remembered(ctx context.Context, p pair) (u User, provedAt time.Time, counts, known bool) {
	found, ok := d.memory.pairs.Get(p)
	if !ok {
		return User{}, time.Time{}, false, false
	}
	provedAt = time.UnixMicro(found.provedAt).UTC()
	age := time.Since(provedAt)
	u, err := d.User(ctx, found.user)
	if age < 0 || age > knownFor || err != nil || u.Epoch != found.epoch || u.Disabled {
		d.memory.pairs.Drop(p)
		return User{}, time.Time{}, false, false
	}
	return u, provedAt, age <= d.BasicMemory, true
}

// withKnownPair returns a context in which an attempt is one with a pair that was right before.
func withKnownPair(ctx context.Context, p pair) context.Context {
	return context.WithValue(ctx, pairKey{}, handstamp.ID(p[:16]))
}

type pairKey struct{}

func (d *Directory) remember(p pair, u User, provedAt time.Time) {
	d.memory.pairs.Fill(p, proved{u.ID, u.Epoch, provedAt.UnixMicro()}, d.memory.pairs.Ticket(p))
}
