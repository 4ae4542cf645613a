package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// A LinkHash is the SHA-256 of the secret in a link that works once: what a store knows it by.
type LinkHash [sha256.Size]byte

// A Link is a secret that lets whoever has it do one thing, once, and not for long.
type Link struct {
	Hash      LinkHash
	Purpose   string // what for; links for one thing are worth nothing for another
	ExpiresAt time.Time
}

// Links keeps links. A [Write] uses them up.
type Links interface {
	// AddLink adds a link and removes all others for the same purpose, and those that have
	// expired.
	AddLink(ctx context.Context, l Link, events ...handstamp.Event) error

	// RemoveLinks removes the links for a purpose.
	RemoveLinks(ctx context.Context, purpose string) error

	// HasLink reports whether there is a link that is good at the time now.
	HasLink(ctx context.Context, hash LinkHash, now time.Time) (bool, error)
}

// linkHash binds a secret to its purpose.
func linkHash(purpose string, secret session.Token) LinkHash {
	return sha256.Sum256([]byte(purpose + "\x00" + string(secret)))
}

// ErrNoLinks means that the Directory keeps no links.
var ErrNoLinks = errors.New("no place to keep links")

// addLink keeps a link that is good until it is lifetime old, and tells of it. Those before it for the
// same purpose are worth nothing any more.
func (d *Directory) addLink(ctx context.Context, purpose string, hash LinkHash, lifetime time.Duration, event handstamp.Event) error {
	if d.Links == nil {
		return ErrNoLinks
	}
	if err := d.Links.AddLink(ctx, Link{Hash: hash, Purpose: purpose, ExpiresAt: now().Add(lifetime)}, event); err != nil {
		return err
	}
	d.Notify.Hear(ctx, event)
	return nil
}

// hasLink reports whether a link is good now.
func (d *Directory) hasLink(ctx context.Context, hash LinkHash) (bool, error) {
	if d.Links == nil {
		return false, nil
	}
	return d.Links.HasLink(ctx, hash, now())
}
