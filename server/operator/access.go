package operator

import (
	"context"
	"errors"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// An Access manages who may do what.
type Access interface {
	SetRole(ctx context.Context, who, role string) (account.User, error)
	SetDisabled(ctx context.Context, who string, disabled bool) (account.User, error)

	// SetupLink returns a link with which one administrator can be made, within SetupTime. The one
	// before it is worth nothing any more.
	SetupLink(ctx context.Context) (string, error)

	// ResetLink returns a link with which somebody chooses a new password for a user, within
	// [account.ResetTime]. The one before it for that user is worth nothing any more.
	ResetLink(ctx context.Context, who string) (string, error)
}

// SetupTime is for how long a setup link is good.
const SetupTime = 15 * time.Minute

// ErrNoLinks means that there are no links, as in classic, which has no page where one could lead.
var ErrNoLinks = errors.New("no links here")

// SetRole implements [Operator].
func (l *Local) SetRole(ctx context.Context, who, role string) (account.User, error) {
	return l.edit(ctx, who, account.Edit{Role: &role})
}

// SetDisabled implements [Operator].
func (l *Local) SetDisabled(ctx context.Context, who string, disabled bool) (account.User, error) {
	return l.edit(ctx, who, account.Edit{Disabled: &disabled})
}

func (l *Local) edit(ctx context.Context, who string, edit account.Edit) (account.User, error) {
	u, err := l.find(ctx, who)
	if err != nil {
		return account.User{}, err
	}
	u, err = l.People.Edit(ctx, u.ID, edit)
	return shown(u), err
}

// SetupLink implements [Operator].
func (l *Local) SetupLink(ctx context.Context) (string, error) {
	if l.People.AdminRole == "" {
		return "", ErrNoLinks
	}
	return l.SetupURL.with(func() (session.Token, error) { return l.People.NewSetupLink(ctx, SetupTime) })
}

// ResetLink implements [Operator].
func (l *Local) ResetLink(ctx context.Context, who string) (string, error) {
	u, err := l.find(ctx, who)
	if err != nil {
		return "", err
	}
	return l.ResetURL.with(func() (session.Token, error) { return l.People.NewResetLink(ctx, u.ID, account.ResetTime) })
}

// A LinkURL returns the link that has a secret in it; nil for a server that has none.
type LinkURL func(secret session.Token) string

// with returns a link with a new secret.
func (to LinkURL) with(newSecret func() (session.Token, error)) (string, error) {
	if to == nil {
		return "", ErrNoLinks
	}
	secret, err := newSecret()
	if errors.Is(err, account.ErrNoLinks) {
		return "", ErrNoLinks
	}
	if err != nil {
		return "", err
	}
	return to(secret), nil
}

// The calls of Access.
const (
	callSetRole     = "/set-role"
	callSetDisabled = "/set-disabled"
	callSetupLink   = "/setup-link"
	callResetLink   = "/reset-link"
)

// newRole is the argument of callSetRole.
type newRole struct{ Who, Role string }

// newState is the argument of callSetDisabled.
type newState struct {
	Who      string
	Disabled bool
}

// SetRole implements [Operator].
func (c *Client) SetRole(ctx context.Context, who, role string) (account.User, error) {
	return call[newRole, account.User](ctx, c, callSetRole, newRole{who, role})
}

// SetDisabled implements [Operator].
func (c *Client) SetDisabled(ctx context.Context, who string, disabled bool) (account.User, error) {
	return call[newState, account.User](ctx, c, callSetDisabled, newState{who, disabled})
}

// SetupLink implements [Operator].
func (c *Client) SetupLink(ctx context.Context) (string, error) {
	return call[nothing, string](ctx, c, callSetupLink, nothing{})
}

// ResetLink implements [Operator].
func (c *Client) ResetLink(ctx context.Context, who string) (string, error) {
	return call[string, string](ctx, c, callResetLink, who)
}
