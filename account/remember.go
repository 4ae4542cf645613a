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

// remembered returns the user who was found to have this pair, within the time for which that counts.
func (d *Directory) remembered(ctx context.Context, p pair) (User, time.Time, bool) {
	found, ok := d.memory.pairs.Get(p)
	if !ok {
		return User{}, time.Time{}, false
	}
	provedAt := time.UnixMicro(found.provedAt).UTC()
	age := time.Since(provedAt)
	u, err := d.User(ctx, found.user)
	if age < 0 || age > d.BasicMemory || err != nil || u.Epoch != found.epoch || u.Disabled {
		d.memory.pairs.Drop(p)
		return User{}, time.Time{}, false
	}
	return u, provedAt, true
}

func (d *Directory) remember(p pair, u User, provedAt time.Time) {
	d.memory.pairs.Fill(p, proved{u.ID, u.Epoch, provedAt.UnixMicro()}, d.memory.pairs.Ticket(p))
}
