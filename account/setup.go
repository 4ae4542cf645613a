package account

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// purposeSetup is for the links with which an administrator makes the own account.
const purposeSetup = "setup"

// NewSetupLink returns the secret of a link with which one user with the role AdminRole can be made,
// once and until it is lifetime old. The one before it is worth nothing any more.
func (d *Directory) NewSetupLink(ctx context.Context, lifetime time.Duration) (session.Token, error) {
	secret := session.RandomToken()
	event := handstamp.NewEvent(ctx, handstamp.ActionSetupLink)
	if err := d.addLink(ctx, purposeSetup, linkHash(purposeSetup, secret), lifetime, event); err != nil {
		return "", fmt.Errorf("make setup link: %w", err)
	}
	return secret, nil
}

// IsSetupLink reports whether a setup link with this secret is good now.
func (d *Directory) IsSetupLink(ctx context.Context, secret session.Token) (bool, error) {
	return d.hasLink(ctx, linkHash(purposeSetup, secret))
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
