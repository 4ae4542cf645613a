package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// ResetTime is for how long a reset link is good unless somebody wants it otherwise: long enough to
// be handed on and opened the next morning.
const ResetTime = 24 * time.Hour

// NewResetLink returns the secret of a link with which whoever has it chooses a new password for a
// user, once and until it is lifetime old. The one before it for that user is worth nothing any more, and it is
// worth nothing itself as soon as the user has another password, email or role, or is disabled or
// deleted. For somebody who is disabled already it may be made: it gives them a password, and does not
// enable them. Its errors wrap [ErrNoUser] and [ErrNoLinks].
func (d *Directory) NewResetLink(ctx context.Context, id handstamp.ID, lifetime time.Duration) (session.Token, error) {
	u, err := d.store.Find(ctx, Ref{ID: id})
	if err != nil {
		return "", fmt.Errorf("make reset link: %w", err)
	}
	secret := newResetSecret(id)
	event := handstamp.NewEvent(ctx, handstamp.ActionResetLink)
	event.UserID = id
	if err := d.addLink(ctx, resetPurpose(id), resetHash(u, secret), lifetime, event); err != nil {
		return "", fmt.Errorf("make reset link: %w", err)
	}
	return secret, nil
}

// ResetLink returns the user for whom a reset link with this secret is good now, or [ErrNoLink].
func (d *Directory) ResetLink(ctx context.Context, secret session.Token) (User, error) {
	u, err := d.resetLink(ctx, secret)
	if err != nil {
		return User{}, fmt.Errorf("look at reset link: %w", err)
	}
	return u, nil
}

// Reset uses a reset link to set the password of the user for whom it is, and returns that user. It ends
// the user's sessions in the same step, and forgets the failures of those who have tried other passwords. Nobody
// is signed in by it. Its errors wrap [ErrNoLink] and those of [Directory.SetPassword]; only a password
// that was set uses the link up.
func (d *Directory) Reset(ctx context.Context, secret session.Token, plain string) (User, error) {
	u, err := d.reset(ctx, secret, plain)
	if errors.Is(err, ErrNoUser) { // deleted since the link was looked at
		err = ErrNoLink
	}
	if err != nil {
		return User{}, fmt.Errorf("reset password: %w", err)
	}
	return u, nil
}

func (d *Directory) reset(ctx context.Context, secret session.Token, plain string) (User, error) {
	// Before the password is hashed: strangers must not make the server work.
	about, err := d.resetLink(ctx, secret)
	if err != nil {
		return User{}, err
	}
	hash, err := d.hash(ctx, plain, about)
	if err != nil {
		return User{}, err
	}
	return d.update(ctx, about.ID, "", func(u *User) (changes, error) {
		c := changes{link: resetHash(*u, secret), reason: "reset link"}
		c.add(handstamp.ActionPasswordChange, endsAll)
		u.PasswordHash = hash
		return c, nil
	})
}

func (d *Directory) resetLink(ctx context.Context, secret session.Token) (User, error) {
	id, ok := userOfReset(secret)
	if !ok {
		return User{}, ErrNoLink
	}
	u, err := d.store.Find(ctx, Ref{ID: id})
	if errors.Is(err, ErrNoUser) {
		return User{}, ErrNoLink
	}
	if err != nil {
		return User{}, err
	}
	good, err := d.hasLink(ctx, resetHash(u, secret))
	if err == nil && !good {
		err = ErrNoLink
	}
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// resetPurpose is for the links of one user: a newer one replaces only theirs.
func resetPurpose(id handstamp.ID) string { return "reset " + id.String() }

// resetHash binds a secret to a user and to what has revoked the user's sessions so far: whatever does so
// next leaves nothing that the link could be found by.
func resetHash(u User, secret session.Token) LinkHash {
	return linkHash(resetPurpose(u.ID)+" "+strconv.FormatInt(u.Epoch, 10), secret)
}

// resetText is how the ID stands at the beginning of a secret. It has one text for each ID.
var resetText = base64.RawURLEncoding.Strict()

// newResetSecret returns a secret that says for whom it is: without that, nobody could tell which epoch
// its hash is bound to.
func newResetSecret(id handstamp.ID) session.Token {
	return session.Token(resetText.EncodeToString(id[:])) + session.RandomToken()
}

// userOfReset returns for whom a secret says it is.
func userOfReset(secret session.Token) (id handstamp.ID, ok bool) {
	length := resetText.EncodedLen(len(id))
	if len(secret) < length {
		return handstamp.ID{}, false
	}
	n, err := resetText.Decode(id[:], []byte(secret[:length]))
	return id, err == nil && n == len(id)
}
