package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"time"
)

// ErrSealed means that a key in the store cannot be opened: it was sealed under another master key, or
// somebody has changed it.
var ErrSealed = errors.New("signing key was sealed under another master key, or changed")

// sealSize is how many bytes the key has that seals the others.
const sealSize = 32

// newSeal returns what seals keys: AES-256-GCM, with a random nonce in front of each.
func newSeal(key []byte) (cipher.AEAD, error) {
	if len(key) != sealSize {
		return nil, fmt.Errorf("the key that seals must have %d bytes, and has %d", sealSize, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// boundTo is what a sealed key says in the clear, and what cannot be changed without opening it.
func boundTo(k Key) []byte { return []byte(k.ID + " " + string(k.Algorithm)) }

// sealed returns a new key that nobody has a use for yet.
func sealed(seal cipher.AEAD, a Algorithm, plain []byte, now time.Time) Stored {
	k := Key{ID: newID(), Algorithm: a, CreatedAt: now}
	return Stored{Key: k, Sealed: seal.Seal(nil, nil, plain, boundTo(k))}
}

// unseal returns what generate had returned.
func unseal(seal cipher.AEAD, s Stored) ([]byte, error) {
	plain, err := seal.Open(nil, nil, s.Sealed, boundTo(s.Key))
	if err != nil {
		return nil, fmt.Errorf("open key %q: %w", s.ID, ErrSealed)
	}
	return plain, nil
}
