// Package masterkey keeps the one secret of an installation that is not in its database. What a
// server signs, seals or chains, it does under keys derived from it, so that whoever steals the
// database alone can neither read nor forge anything.
package masterkey

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// size is how many bytes a key has.
const size = 32

// ErrMalformed means that a text is no master key.
var ErrMalformed = errors.New("not a master key: 43 characters of base64url are expected, as \"head -c 32 /dev/urandom | basenc --base64url\" makes them")

// A Key is a master key. Printing one shows dots.
type Key struct{ secret [size]byte }

// New returns a random Key.
func New() Key {
	var k Key
	_, _ = rand.Read(k.secret[:]) // never returns an error
	return k
}

// Parse reads a Key as [Save] writes it. Space around it and padding do not matter.
func Parse(text string) (Key, error) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(strings.TrimSpace(text), "="))
	if err != nil || len(secret) != size {
		return Key{}, ErrMalformed
	}
	return Key{[size]byte(secret)}, nil
}

// Load reads the Key in a file. It returns an error that wraps [fs.ErrNotExist] if there is no such
// file.
func Load(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("read master key: %w", err)
	}
	k, err := Parse(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("read master key %s: %w", path, err)
	}
	return k, nil
}

// Save writes k to a new file that only its owner can read, and returns when it is on the disk. It
// returns an error that wraps [fs.ErrExist] rather than replace a file.
func (k Key) Save(path string) (err error) {
	// Under another name first: a key that was written by half would be lost for ever.
	temporary, err := os.CreateTemp(filepath.Dir(path), ".master.key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("save master key: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.WriteString(base64.RawURLEncoding.EncodeToString(k.secret[:]) + "\n")
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err == nil {
		err = os.Link(temporary.Name(), path) // which fails where there is one
	}
	if err != nil {
		return fmt.Errorf("save master key: %w", err)
	}
	return nil
}

// Derive returns a key of 32 bytes for one purpose. Keys for different purposes say nothing about
// one another, nor about k.
func (k Key) Derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.secret[:], nil, "handstamp "+purpose, size)
	if err != nil { // only for keys that are longer than HKDF can make
		panic(err)
	}
	return key
}

const hidden = "•••"

// Format implements [fmt.Formatter] and hides the secret.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements [slog.LogValuer] and hides the secret.
func (Key) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the secret from encoders.
func (Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }
