package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/operator"
)

type userRoleCmd struct {
	Who  string `arg:"" help:"The user's email or ID."`
	Role string `arg:"" help:"The new role: user or admin."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userRoleCmd) Help() string {
	return "The user's sessions end, as they are of the old role. The last administrator stays one.\n\nExample:\n\n" +
		"  handstamp user role ada@example.com admin"
}

// Run implements the command.
func (c userRoleCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		u, err := o.SetRole(ctx, c.Who, c.Role)
		return printUser(t, c.JSON, "set the role of", u, err)
	})
}

type userDisableCmd struct {
	Who  string `arg:"" help:"The user's email or ID."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userDisableCmd) Help() string {
	return "The user's sessions end, and nobody can sign in as the user until \"handstamp user enable\".\n\nExample:\n\n" +
		"  handstamp user disable ada@example.com"
}

// Run implements the command.
func (c userDisableCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		u, err := o.SetDisabled(ctx, c.Who, true)
		return printUser(t, c.JSON, "disabled", u, err)
	})
}

type userEnableCmd struct {
	Who  string `arg:"" help:"The user's email or ID."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userEnableCmd) Help() string { return "Example:\n\n  handstamp user enable ada@example.com" }

// Run implements the command.
func (c userEnableCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		u, err := o.SetDisabled(ctx, c.Who, false)
		return printUser(t, c.JSON, "enabled", u, err)
	})
}

type userSetupLinkCmd struct{}

// Help implements kong's HelpProvider.
func (userSetupLinkCmd) Help() string {
	return "Whoever opens the link makes one administrator, of their own email and password. It works once and for " +
		"15 minutes, while \"handstamp serve\" is running; the link before it works no more.\n\nExample:\n\n" +
		"  handstamp user setup-link"
}

// Run implements the command.
func (userSetupLinkCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		link, err := o.SetupLink(ctx)
		return printLink(t, link, err)
	})
}

type userResetLinkCmd struct {
	Who string `arg:"" help:"The user's email or ID."`
}

// Help implements kong's HelpProvider.
func (userResetLinkCmd) Help() string {
	return "Whoever opens the link chooses a new password for the user, whose sessions end then. It works once and for " +
		"24 hours, while \"handstamp serve\" is running; another link, and another password, email or role of the user " +
		"make it worth nothing.\n\nExample:\n\n" +
		"  handstamp user reset-link ada@example.com"
}

// Run implements the command.
func (c userResetLinkCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		link, err := o.ResetLink(ctx, c.Who)
		return printLink(t, link, err)
	})
}

// printLink prints a link, or says what to do about err.
func printLink(t terminal, link string, err error) error {
	switch {
	case errors.Is(err, operator.ErrNoLinks):
		return fmt.Errorf("%w: start \"handstamp serve\", and run this beside it", err)
	case err != nil:
		return explainUser(err)
	}
	_, err = fmt.Fprintln(t.out, link)
	return err
}

// explainUser says what to do about err, where there is something.
func explainUser(err error) error {
	switch {
	case errors.Is(err, account.ErrNoUser):
		return fmt.Errorf("%w; \"handstamp user list\" shows who there is", err)
	case errors.Is(err, account.ErrEmailTaken):
		return fmt.Errorf("%w; \"handstamp user show EMAIL\" shows by whom", err)
	case errors.Is(err, account.ErrLast):
		return fmt.Errorf("%w; make another administrator first: handstamp user role EMAIL admin", err)
	case errors.Is(err, account.ErrRole):
		return fmt.Errorf("%w; there are user and admin", err)
	default:
		return err
	}
}
