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
}

// SetupTime is for how long a setup link is good.
const SetupTime = 15 * time.Minute

// ErrNoSetup means that there are no setup links, as in classic, which has no administrators.
var ErrNoSetup = errors.New("no setup links here")

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
	if l.SetupURL == nil || l.People.AdminRole == "" {
		return "", ErrNoSetup
	}
	secret, err := l.People.NewSetupLink(ctx, SetupTime)
	if errors.Is(err, account.ErrNoLinks) {
		return "", ErrNoSetup
	}
	if err != nil {
		return "", err
	}
	return l.SetupURL(secret), nil
}

// The calls of Access.
const (
	callSetRole     = "/set-role"
	callSetDisabled = "/set-disabled"
	callSetupLink   = "/setup-link"
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

// A SetupURL returns the link that has a secret in it.
type SetupURL func(secret session.Token) string
