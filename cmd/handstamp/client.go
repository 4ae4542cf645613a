package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server/operator"
)

type clientCmd struct {
	Add    clientAddCmd    `cmd:"" help:"Let a service ask about tokens, and print its secret, once."`
	List   clientListCmd   `cmd:"" help:"List the services that may ask about tokens."`
	Delete clientDeleteCmd `cmd:"" help:"Do not answer a service any more."`
}

type clientAddCmd struct {
	Name  string `arg:"" help:"What people call the service."`
	Scope string `enum:",verify,sessions" default:"" help:"What it may do besides asking about tokens: \"verify\" sessions in its own process, or all that a store of \"sessions\" can do."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (clientAddCmd) Help() string {
	return "The service asks at /api/v1/token/introspect, with the ID and the secret as HTTP Basic. The secret is kept nowhere: " +
		"who loses it deletes the client, and adds another.\n\nA service that embeds the verifier needs --scope verify; one that begins and changes sessions, too, needs --scope sessions, " +
		"with which it can sign in as anybody.\n\nExamples:\n\n  handstamp client add billing\n  handstamp client add shop --scope verify"
}

// addedView is a client that was just added for other programs, in the names of RFC 7591, section 3.2.1.
type addedView struct {
	ID        handstamp.ID `json:"client_id"`
	Secret    string       `json:"client_secret"`
	Name      string       `json:"client_name"`
	CreatedAt time.Time    `json:"created_at"`
	Scope     client.Scope `json:"scope"` // RFC 7591, section 2
}

// Run implements the command.
func (c clientAddCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		added, err := o.AddClient(ctx, operator.ClientDetails{Name: c.Name, Scope: client.Scope(c.Scope)})
		switch {
		case errors.Is(err, client.ErrName):
			return usagef("%w: give one of 1 to %d bytes, without control characters", err, client.MaxName)
		case err != nil:
			return err
		case c.JSON:
			return printJSON(t, addedView{added.ID, string(added.Secret), added.Name, added.CreatedAt, added.Scope})
		}
		_, err = fmt.Fprintf(t.out, "added client %s\nclient_id: %s\nclient_secret: %s\nThe secret is not shown again.\n",
			printable(added.Name), added.ID, string(added.Secret))
		return err
	})
}

type clientListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (clientListCmd) Help() string { return "Example:\n\n  handstamp client list" }

// clientView is a client for other programs.
type clientView struct {
	ID        handstamp.ID `json:"client_id"`
	Name      string       `json:"client_name"`
	CreatedAt time.Time    `json:"created_at"`
	Scope     client.Scope `json:"scope"`
}

// Run implements the command.
func (c clientListCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		clients, err := o.ListClients(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			views := make([]clientView, 0, len(clients))
			for _, one := range clients {
				views = append(views, clientView(one))
			}
			return printJSON(t, views)
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tADDED\tSCOPE\tNAME")
		for _, one := range clients {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.ID, one.CreatedAt.Format(time.DateTime), cmp.Or(string(one.Scope), "-"), printable(one.Name))
		}
		return table.Flush()
	})
}

type clientDeleteCmd struct {
	ID string `arg:"" help:"The client's ID, as \"client list\" shows it."`
}

// Help implements kong's HelpProvider.
func (clientDeleteCmd) Help() string {
	return "When the command has returned, the service is refused. What it was told before it may still remember.\n\nExample:\n\n" +
		"  handstamp client delete 8f14e45f-ceea-467f-a0e6-1c2b3d4e5f60"
}

// Run implements the command.
func (c clientDeleteCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	id, err := handstamp.ParseID(c.ID)
	if err != nil {
		return usagef("%q is not the ID of a client", c.ID)
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		err := o.DeleteClient(ctx, id)
		switch {
		case errors.Is(err, client.ErrNoClient):
			return fmt.Errorf("%w; \"handstamp client list\" shows which there are", err)
		case err != nil:
			return err
		}
		_, err = fmt.Fprintf(t.out, "deleted client %s\n", id)
		return err
	})
}
