package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

type sessionCmd struct {
	List sessionListCmd `cmd:"" help:"List the sessions of a user."`
	End  sessionEndCmd  `cmd:"" help:"End sessions of a user."`
}

type sessionListCmd struct {
	Who  string `arg:"" help:"The user's email or ID."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (sessionListCmd) Help() string { return "Example:\n\n  handstamp session list ada@example.com" }

// sessionView is a session for other programs.
type sessionView struct {
	ID      handstamp.ID `json:"id"`
	Device  string       `json:"device"`
	Address string       `json:"address"`
	BeganAt time.Time    `json:"began_at"`
	SeenAt  time.Time    `json:"seen_at"`
}

// Run implements the command.
func (c sessionListCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		live, err := o.SessionsOf(ctx, c.Who)
		if err != nil {
			return explainUser(err)
		}
		if c.JSON {
			views := make([]sessionView, 0, len(live))
			for _, s := range live {
				views = append(views, sessionView{s.ID, s.Device, s.Address, s.BeganAt, s.SeenAt})
			}
			return printJSON(t, views)
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tBEGAN\tLAST SEEN\tADDRESS\tDEVICE")
		for _, s := range live {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.ID, s.BeganAt.Format(time.DateTime), s.SeenAt.Format(time.DateTime),
				printable(s.Address), printable(s.Device))
		}
		return table.Flush()
	})
}

type sessionEndCmd struct {
	Who string `arg:"" help:"The user's email or ID."`
	ID  string `arg:"" optional:"" help:"The session's ID, as \"session list\" shows it."`
	All bool   `help:"End every session of the user."`
}

// Help implements kong's HelpProvider.
func (sessionEndCmd) Help() string {
	return "When the command has returned, the sessions are refused.\n\nExamples:\n\n" +
		"  handstamp session end ada@example.com --all\n\n" +
		"  handstamp session end ada@example.com 8f14e45f-ceea-467f-a0e6-1c2b3d4e5f60"
}

// Run implements the command.
func (c sessionEndCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	if c.All == (c.ID != "") {
		return usagef("give the ID of one session, or --all")
	}
	var id handstamp.ID
	if !c.All {
		var err error
		if id, err = handstamp.ParseID(c.ID); err != nil {
			return usagef("%q is not the ID of a session", c.ID)
		}
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		var err error
		if c.All {
			err = o.EndSessions(ctx, c.Who)
		} else {
			err = o.EndSession(ctx, c.Who, id)
		}
		switch {
		case errors.Is(err, session.ErrGone):
			return fmt.Errorf("%w; \"handstamp session list\" shows which there are", err)
		case err != nil:
			return explainUser(err)
		case c.All:
			_, err = fmt.Fprintf(t.out, "ended all sessions of %s\n", printable(c.Who))
		default:
			_, err = fmt.Fprintf(t.out, "ended session %s\n", id)
		}
		return err
	})
}
