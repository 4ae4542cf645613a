package operator

import (
	"context"
	"errors"
	"time"

	"github.com/handstamp/handstamp/token/keyring"
)

// A SigningKeys manages the keys that tokens are signed with.
type SigningKeys interface {
	// SigningKeys returns all of them, the one that signs first.
	SigningKeys(ctx context.Context) ([]keyring.Key, error)

	// RotateKeys lets the next key sign, and returns it.
	RotateKeys(ctx context.Context, how Rotation) (keyring.Key, error)

	// ImportSecret makes a secret of Plone's sign Plone's format. See [keyring.Keyring.Import].
	ImportSecret(ctx context.Context, secret []byte) (keyring.Key, error)
}

// A Rotation says what is to become of the keys that signed before.
type Rotation struct {
	Overlap     time.Duration // how long the last one is accepted; zero for as long as after a rotation by schedule
	Compromised bool          // all are refused at once, whatever Overlap says
}

// A Keyring is what a [Local] needs of a [keyring.Keyring].
type Keyring interface {
	List(ctx context.Context) ([]keyring.Key, error)
	Rotate(ctx context.Context, overlap time.Duration) (keyring.Key, error)
	Import(ctx context.Context, secret []byte) (keyring.Key, error)
}

// ErrNoKeys means that nobody signs tokens here.
var ErrNoKeys = errors.New("no signing keys are kept here")

// SigningKeys implements [Operator].
func (l *Local) SigningKeys(ctx context.Context) ([]keyring.Key, error) {
	if l.Keys == nil {
		return nil, ErrNoKeys
	}
	return l.Keys.List(ctx)
}

// RotateKeys implements [Operator].
func (l *Local) RotateKeys(ctx context.Context, how Rotation) (keyring.Key, error) {
	switch {
	case l.Keys == nil:
		return keyring.Key{}, ErrNoKeys
	case how.Compromised:
		return l.Keys.Rotate(ctx, 0)
	case how.Overlap > 0:
		return l.Keys.Rotate(ctx, how.Overlap)
	default:
		return l.Keys.Rotate(ctx, keyring.UsualOverlap)
	}
}

// ImportSecret implements [Operator].
func (l *Local) ImportSecret(ctx context.Context, secret []byte) (keyring.Key, error) {
	if l.Keys == nil {
		return keyring.Key{}, ErrNoKeys
	}
	return l.Keys.Import(ctx, secret)
}

// The calls of SigningKeys.
const (
	callSigningKeys  = "/signing-keys"
	callRotateKeys   = "/rotate-keys"
	callImportSecret = "/import-secret"
)

// SigningKeys implements [Operator].
func (c *Client) SigningKeys(ctx context.Context) ([]keyring.Key, error) {
	return call[nothing, []keyring.Key](ctx, c, callSigningKeys, nothing{})
}

// RotateKeys implements [Operator].
func (c *Client) RotateKeys(ctx context.Context, how Rotation) (keyring.Key, error) {
	return call[Rotation, keyring.Key](ctx, c, callRotateKeys, how)
}

// ImportSecret implements [Operator].
func (c *Client) ImportSecret(ctx context.Context, secret []byte) (keyring.Key, error) {
	return call[[]byte, keyring.Key](ctx, c, callImportSecret, secret)
}
