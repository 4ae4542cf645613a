package client

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"

	"github.com/handstamp/handstamp"
)

// A Secret is what a client proves itself with: [SecretPrefix], the client's ID in 22 characters, 256 random
// bits in 43, and a checksum in 6. So whoever has the secret need not be told the ID; those that were made
// before there were scopes go without it. The prefix and the checksum let a program that looks for leaked secrets tell one of ours
// from any other text, without asking the server.
//
// Printing one, by package fmt or in a log, shows dots; convert it to a string where the secret itself
// is wanted.
type Secret string

// SecretPrefix begins every Secret.
const SecretPrefix = "handstamp_"

const (
	idLength       = 22 // of 16 bytes in base64url
	randomLength   = 43 // of 32 bytes
	checksumLength = 6  // of 4 bytes

	shortLength = len(SecretPrefix) + randomLength + checksumLength // of those without an ID
)

// A Hash is the SHA-256 of a Secret, and all that a store knows of it. A slow hash would protect nothing
// more: nobody guesses 256 bits.
type Hash [sha256.Size]byte

func newSecret(id handstamp.ID) Secret {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never returns an error
	text := SecretPrefix + base64.RawURLEncoding.EncodeToString(id[:]) + base64.RawURLEncoding.EncodeToString(random[:])
	return Secret(text + checksumOf(text))
}

// ClientID returns the ID of the client whose secret s is. It is false where s is not well-formed, or too old to
// say it.
func (s Secret) ClientID() (handstamp.ID, bool) {
	if !s.IsWellFormed() || len(s) == shortLength {
		return handstamp.ID{}, false
	}
	id, err := base64.RawURLEncoding.Strict().DecodeString(string(s[len(SecretPrefix):][:idLength]))
	if err != nil {
		return handstamp.ID{}, false
	}
	return handstamp.ID(id), true
}

// checksumOf returns the CRC-32 (IEEE) of text, big endian, in base64url.
func checksumOf(text string) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text)))
	return base64.RawURLEncoding.EncodeToString(sum)
}

// IsWellFormed reports whether s can be a secret of ours, by its prefix, length and checksum. It says
// nothing about whose it is, and takes no care to hide s: somebody made of it what it is.
func (s Secret) IsWellFormed() bool {
	end := len(s) - checksumLength
	return (len(s) == shortLength+idLength || len(s) == shortLength) && strings.HasPrefix(string(s), SecretPrefix) &&
		string(s[end:]) == checksumOf(string(s[:end]))
}

// hash returns what a store knows the secret by.
func (s Secret) hash() Hash { return sha256.Sum256([]byte(s)) }

const hidden = "•••"

// Format implements [fmt.Formatter] and hides the secret.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements [slog.LogValuer] and hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
