package keyring

import (
	"context"
	"fmt"

	"github.com/handstamp/handstamp"
)

// How many bytes a secret has that is imported. What is shorter can be guessed by anybody who has seen
// a token (NIST SP 800-131A asks for 112 bits); Plone makes 64 characters.
const (
	MinSecret = 16
	MaxSecret = 1024
)

// ErrSecret means that a secret is too short or too long to be imported.
var ErrSecret = fmt.Errorf("a secret must have %d to %d bytes", MinSecret, MaxSecret)

// Import makes a secret that Plone has sign Plone's format, so that it and this Keyring verify what the
// other has signed. The secret that signed before is accepted for the usual overlap. It returns
// [ErrSecret] for one that cannot be taken.
func (k *Keyring) Import(ctx context.Context, secret []byte) (Key, error) {
	if len(secret) < MinSecret || len(secret) > MaxSecret {
		return Key{}, fmt.Errorf("import secret: %w", ErrSecret)
	}
	imported := sealed(k.seal, HS256, secret, timeNow())
	imported.Imported, imported.SignsFrom = true, imported.CreatedAt
	err := k.change(ctx, func(e *edit) error {
		for i := range e.keys {
			if old := &e.keys[i]; old.purpose() == forPlone && old.Role() == Signing {
				old.AcceptedUntil = e.now.Add(k.config.Overlap)
			}
		}
		e.keys = append(e.keys, imported)
		e.note(handstamp.ActionKeyCreate, "%s %s, imported, signs", imported.Algorithm, imported.ID)
		return e.complete(forPlone)
	})
	if err != nil {
		return Key{}, fmt.Errorf("import secret: %w", err)
	}
	return imported.Key, nil
}
