package keyring

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"
)

// A Key is what everybody may know of a key.
type Key struct {
	ID        string    // the kid: 16 random characters of base64url
	Algorithm Algorithm // the only one for which it is used
	Imported  bool      // a secret that others know, too: see [Keyring.Import]

	// Times are UTC in whole microseconds, and zero for what has not come.
	CreatedAt     time.Time
	SignsFrom     time.Time
	AcceptedUntil time.Time // set when it was retired
}

// A Role is what a key is there for.
type Role string

// The roles, in the order in which a key has them.
const (
	Next    Role = "next"    // will sign after the next rotation; accepted and published
	Signing Role = "signing" // signs now
	Retired Role = "retired" // signed before; accepted until its overlap is over
)

// Role returns what k is there for.
func (k Key) Role() Role {
	switch {
	case !k.AcceptedUntil.IsZero():
		return Retired
	case !k.SignsFrom.IsZero():
		return Signing
	default:
		return Next
	}
}

// isOver reports whether k is no longer accepted.
func (k Key) isOver(now time.Time) bool {
	return !k.AcceptedUntil.IsZero() && !now.Before(k.AcceptedUntil)
}

// A Stored is a key as a [Store] has it.
type Stored struct {
	Key
	Sealed []byte // the key itself, which only a Keyring can open
}

// newID returns a random kid.
func newID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never returns an error
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// idLength is how many characters a kid has.
const idLength = 16

// inOrder sorts keys as people want to see them: what signs, what will, and what did, the newest first.
func inOrder(keys []Key) {
	rank := map[Role]int{Signing: 0, Next: 1, Retired: 2}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(rank[a.Role()], rank[b.Role()]), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}
