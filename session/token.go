package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"

	"github.com/handstamp/handstamp"
)

// A Token is the secret that the cookie carries. Printing one, by package fmt or in a log, shows
// dots; convert it to a string where the secret itself is wanted.
type Token string

// maxToken is the length in bytes beyond which a token cannot be one of ours.
const maxToken = 128

// RandomToken returns a new token of 256 random bits in 43 characters.
func RandomToken() Token {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never returns an error
	return Token(base64.RawURLEncoding.EncodeToString(secret[:]))
}

// UUIDToken returns a new token in the form of a UUID version 4, which has 122 random bits. It
// is for those whose clients expect that form.
func UUIDToken() Token { return Token(handstamp.NewID().String()) }

// Hash returns what a store knows the token by.
func (t Token) Hash() Hash {
	if len(t) > maxToken {
		return sha256.Sum256([]byte(t))
	}
	var buf [maxToken]byte // on the stack, where a conversion would allocate
	return sha256.Sum256(buf[:copy(buf[:], t)])
}

const hidden = "•••"

// Format implements [fmt.Formatter] and hides the secret.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements [slog.LogValuer] and hides the secret.
func (Token) LogValue() slog.Value { return slog.StringValue(hidden) }
