package keyring

import (
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
)

// Config says how a Keyring is kept.
type Config struct {
	// Algorithm is that of new keys: EdDSA unless set, ES256 or RS256. Where the keys in the store are
	// of another one, the next key is replaced, and signs as soon as it has been published for 10
	// minutes, or with the next call of Rotate.
	Algorithm Algorithm

	// Plone makes a secret for Plone's format, too. Without it there is one only where it was imported.
	Plone bool

	// Every is how long a key signs before the next one does, [MinEvery] or more; 0 leaves that to Rotate.
	// Secrets that were imported are not rotated by schedule, as those who know them would not hear.
	Every time.Duration

	// Overlap is how long a key is accepted after a rotation by schedule; 12 hours and a minute unless
	// set. It must be as long as tokens live and half a minute longer, as other processes may have
	// signed with it until they heard.
	Overlap time.Duration

	// Notify hears of keys that come and go, and of failures in the background, of which no caller can
	// be told.
	Notify handstamp.Listener
}

// MinEvery is how long a key signs at least, where it is rotated by schedule: a few times as long as it
// is published before.
const MinEvery = time.Hour

const defaultOverlap = 12*time.Hour + time.Minute

// settle fills in what is not set, or says what is wrong.
func (c *Config) settle() error {
	if c.Algorithm == "" {
		c.Algorithm = EdDSA
	}
	if c.Overlap == 0 {
		c.Overlap = defaultOverlap
	}
	switch {
	case !c.Algorithm.isPublic():
		return fmt.Errorf("tokens are signed with EdDSA, ES256 or RS256, and not with %q", c.Algorithm)
	case c.Every != 0 && c.Every < MinEvery:
		return fmt.Errorf("keys rotate every %s at most, and not every %s", MinEvery, c.Every)
	case c.Overlap < 0:
		return fmt.Errorf("an overlap of %s", c.Overlap)
	}
	return nil
}
