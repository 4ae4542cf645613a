package password

import (
	"crypto/rand"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"
)

// The lengths of what is written, in bytes (RFC 9106, section 4).
const (
	saltLength = 16
	tagLength  = 32
)

// argon2id is one hash of the kind that is written here.
type argon2id struct {
	Params
	salt, tag []byte
}

// newArgon2id hashes plain under a new random salt.
func newArgon2id(plain string, p Params) argon2id {
	a := argon2id{Params: p, salt: make([]byte, saltLength)}
	_, _ = rand.Read(a.salt) // crypto/rand.Read never returns an error: it ends the program instead
	a.tag = a.derive(plain, tagLength)
	return a
}

func (a argon2id) derive(plain string, tagLength int) []byte {
	return argon2.IDKey([]byte(plain), a.salt, a.Passes, a.MemoryKiB, a.Lanes, uint32(tagLength))
}

func (a argon2id) memoryKiB() uint32  { return a.MemoryKiB }
func (a argon2id) work(string) uint64 { return a.Params.work() }

func (a argon2id) matches(plain string) bool {
	return subtle.ConstantTimeCompare(a.derive(plain, len(a.tag)), a.tag) == 1
}

func (a argon2id) isOutdated(current Params) bool {
	return a.Params != current || len(a.salt) != saltLength || len(a.tag) != tagLength
}
