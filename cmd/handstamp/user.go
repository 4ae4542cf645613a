package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/operator"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a user."`
	List     userListCmd     `cmd:"" help:"List the users."`
	Show     userShowCmd     `cmd:"" help:"Show a user."`
	Password userPasswordCmd `cmd:"" help:"Set a user's password and end the user's sessions."`
	Role     userRoleCmd     `cmd:"" help:"Set a user's role and end the user's sessions."`
	Disable  userDisableCmd  `cmd:"" help:"Keep a user from signing in and end the user's sessions."`
	Enable   userEnableCmd   `cmd:"" help:"Let a user sign in again."`
	Delete   userDeleteCmd   `cmd:"" help:"Delete a user and end the user's sessions."`

	SetupLink userSetupLinkCmd `cmd:"" help:"Print a link with which an administrator can be made, once."`
	ResetLink userResetLinkCmd `cmd:"" help:"Print a link with which a user chooses a new password, once."`
}

type userAddCmd struct {
	Email     string  `required:"" help:"What the user signs in with."`
	FirstName *string `help:"First name."`
	LastName  *string `help:"Last name."`
	Role      string  `help:"What the user may do."`
	passwordFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userAddCmd) Help() string {
	return "The password is asked for, or read from standard input.\n\nExample:\n\n" +
		"  handstamp user add --email ada@example.com --first-name Ada"
}

// Run implements the command.
func (c userAddCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	plain, err := c.password(ctx, t)
	if err != nil {
		return err
	}
	return data.operate(ctx, true, func(o operator.Operator) error {
		u, err := o.AddUser(ctx, account.Details{
			Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Role: c.Role, Password: plain,
		})
		return printUser(t, c.JSON, "added", u, err)
	})
}

type userListCmd struct {
	Search string `placeholder:"TEXT" help:"Only users whose email or names contain this text, whatever the letter case and the accents."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userListCmd) Help() string {
	return "Examples:\n\n  handstamp user list --json\n\n  handstamp user list --search lovelace"
}

// Run implements the command.
func (c userListCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		users, err := o.Users(ctx, c.Search)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t, append([]account.User{}, users...))
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tEMAIL\tNAME\tROLE\tCREATED")
		for _, u := range users {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", u.ID, printable(u.Email), printable(u.DisplayName()),
				printable(roleAndState(u)), u.CreatedAt.Format(time.DateTime))
		}
		return table.Flush()
	})
}

type userShowCmd struct {
	Who  string `arg:"" help:"The user's email or ID."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userShowCmd) Help() string { return "Example:\n\n  handstamp user show ada@example.com" }

// Run implements the command.
func (c userShowCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		u, err := o.User(ctx, c.Who)
		return printUser(t, c.JSON, "", u, err)
	})
}

type userPasswordCmd struct {
	Who string `arg:"" help:"The user's email or ID."`
	passwordFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userPasswordCmd) Help() string {
	return "The password is asked for, or read from standard input.\n\nExample:\n\n" +
		"  handstamp user password ada@example.com"
}

// Run implements the command.
func (c userPasswordCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	plain, err := c.password(ctx, t)
	if err != nil {
		return err
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		u, err := o.SetPassword(ctx, c.Who, plain)
		return printUser(t, c.JSON, "set the password of", u, err)
	})
}

type userDeleteCmd struct {
	Who  string `arg:"" help:"The user's email or ID."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (userDeleteCmd) Help() string { return "Example:\n\n  handstamp user delete ada@example.com" }

// Run implements the command.
func (c userDeleteCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		u, err := o.DeleteUser(ctx, c.Who)
		return printUser(t, c.JSON, "deleted", u, err)
	})
}

// printUser prints what was done to a user, or the whole user when done is empty, or says what to
// do about err.
func printUser(t terminal, asJSON bool, done string, u account.User, err error) error {
	switch {
	case err != nil:
		return explainUser(err)
	case asJSON:
		return printJSON(t, u)
	case done != "":
		_, err := fmt.Fprintf(t.out, "%s user %s (%s)\n", done, printable(u.Email), u.ID)
		return err
	}
	lines := [][2]string{
		{"id", u.ID.String()},
		{"email", u.Email},
		{"name", strings.TrimSpace(text(u.FirstName) + " " + text(u.LastName))},
		{"role", u.Role},
		{"created", u.CreatedAt.Format(time.DateTime)},
		{"updated", u.UpdatedAt.Format(time.DateTime)},
	}
	if u.Disabled {
		lines = append(lines, [2]string{"disabled", "yes"})
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(table, "%s\t%s\n", line[0], printable(line[1]))
	}
	return table.Flush()
}

// roleAndState returns the role, and whether it is worth nothing for now.
func roleAndState(u account.User) string {
	if u.Disabled {
		return strings.TrimSpace(u.Role + " (disabled)")
	}
	return u.Role
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
