package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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

// purposeSetup is for the links with which an administrator makes the own account.
const purposeSetup = "setup"

// ErrNoLinks means that the Directory keeps no links.
var ErrNoLinks = errors.New("no place to keep links")

// NewSetupLink returns the secret of a link with which one user with the role AdminRole can be made,
// once and until it is lifetime old. The one before it is worth nothing any more.
func (d *Directory) NewSetupLink(ctx context.Context, lifetime time.Duration) (session.Token, error) {
	if d.Links == nil {
		return "", ErrNoLinks
	}
	secret := session.RandomToken()
	event := handstamp.NewEvent(ctx, handstamp.ActionSetupLink)
	err := d.Links.AddLink(ctx, Link{
		Hash:      linkHash(purposeSetup, secret),
		Purpose:   purposeSetup,
		ExpiresAt: now().Add(lifetime),
	}, event)
	if err != nil {
		return "", fmt.Errorf("make setup link: %w", err)
	}
	d.Notify.Hear(ctx, event)
	return secret, nil
}

// IsSetupLink reports whether a setup link with this secret is good now.
func (d *Directory) IsSetupLink(ctx context.Context, secret session.Token) (bool, error) {
	if d.Links == nil {
		return false, nil
	}
	return d.Links.HasLink(ctx, linkHash(purposeSetup, secret), now())
}

// SetUp uses a setup link to make an administrator of details, whose Role it sets. Its errors are those
// of [Directory.Create] and [ErrNoLink]; only a user who was made uses the link up.
func (d *Directory) SetUp(ctx context.Context, secret session.Token, details Details) (User, error) {
	// Before the password is hashed: strangers must not make the server work.
	switch ok, err := d.IsSetupLink(ctx, secret); {
	case err != nil:
		return User{}, fmt.Errorf("set up: %w", err)
	case !ok:
		return User{}, fmt.Errorf("set up: %w", ErrNoLink)
	}
	details.Role = d.AdminRole
	return d.create(ctx, details, Write{Link: linkHash(purposeSetup, secret), Now: now()})
}

// removeSetupLinks makes the setup link worthless that is still around when there is an administrator.
func (d *Directory) removeSetupLinks(ctx context.Context, role string) {
	if d.Links == nil || role == "" || role != d.AdminRole {
		return
	}
	if err := d.Links.RemoveLinks(ctx, purposeSetup); err != nil {
		d.Notify.Fault(ctx, "remove setup links", err)
	}
}
