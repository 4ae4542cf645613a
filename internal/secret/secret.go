// Package secret holds text that must not be seen: a key, a password, a token of another service.
// Whoever wants it has to ask for it by name, with [Text.Reveal]; everything that prints values
// without being asked (package fmt, logs, encoders, a debugger's dump of a struct) shows dots.
package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Hidden is what a secret looks like wherever it is printed.
const Hidden = "•••"

// A Text is a secret. The zero value is the empty one, which prints as nothing, so that one can see
// that it is not set. Texts are values; they are safe for concurrent use, and never change.
type Text struct {
	// A pointer, because package fmt prints the unexported fields of a struct without asking the
	// methods of their types; of a pointer in there it only prints the address.
	text *string
}

// New returns text as a secret.
func New(text string) Text {
	if text == "" {
		return Text{}
	}
	return Text{&text}
}

// Reveal returns the secret itself.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// IsZero reports whether t is empty. Package encoding/json asks it for the option "omitzero".
func (t Text) IsZero() bool { return t.text == nil || *t.text == "" }

// Equal reports whether the two are the same, in a time that tells nothing about either, not even
// the length.
func (t Text) Equal(other Text) bool {
	a, b := sha256.Sum256([]byte(t.Reveal())), sha256.Sum256([]byte(other.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String returns dots.
func (t Text) String() string {
	if t.IsZero() {
		return ""
	}
	return Hidden
}

// Format implements [fmt.Formatter]: dots, whatever the verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue implements [slog.LogValuer].
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText implements [encoding.TextMarshaler], which the encoders of JSON, XML and TOML ask.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes any text.
func (t *Text) UnmarshalText(text []byte) error {
	*t = New(string(text))
	return nil
}
