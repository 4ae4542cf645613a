package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/server/operator"
)

type outboxCmd struct {
	List  outboxListCmd  `cmd:"" help:"List the events that were given up."`
	Retry outboxRetryCmd `cmd:"" help:"Try to deliver them once more."`
	Drop  outboxDropCmd  `cmd:"" help:"Forget them."`
}

type outboxListCmd struct {
	Destination string `placeholder:"NAME" help:"Those for one destination: webhook, nats, amqp or caep."`
	JSON        bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (outboxListCmd) Help() string {
	return "An event that a destination does not take is tried again and again. Where others get through it is given up after a quarter of an " +
		"hour, and where nothing gets through when it is three days old.\n\nExample:\n\n  handstamp outbox list"
}

// letterView is an event that was given up, for other programs.
type letterView struct {
	ID          string      `json:"id"`
	Destination string      `json:"destination"`
	Attempts    int         `json:"attempts"`
	Error       string      `json:"error"`
	FailedAt    time.Time   `json:"failed_at"`
	Retry       bool        `json:"retry"`
	Event       audit.Entry `json:"event"`
}

// Run implements the command.
func (c outboxListCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		letters, err := o.DeadLetters(ctx, outbox.Filter{Destination: c.Destination})
		if err != nil {
			return err
		}
		if c.JSON {
			views := make([]letterView, 0, len(letters))
			for _, l := range letters {
				views = append(views, letterView{l.ID, l.Destination, l.Attempts, l.Error, l.FailedAt, l.Retry, l.Entry})
			}
			return printJSON(t, views)
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tDESTINATION\tEVENT\tHAPPENED\tATTEMPTS\tERROR")
		for _, l := range letters {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", l.ID, l.Destination, l.Entry.Action, dateTime(l.Entry.At), l.Attempts, printable(l.Error))
		}
		return table.Flush()
	})
}

// whichLetters are the arguments that select events.
type whichLetters struct {
	IDs         []string `arg:"" optional:"" name:"id" help:"Their IDs, as \"outbox list\" shows them."`
	All         bool     `help:"All of them."`
	Destination string   `placeholder:"NAME" help:"Only those for one destination."`
}

// filter returns what was typed, or an error for what would mean more than that.
func (w whichLetters) filter() (outbox.Filter, error) {
	if w.All == (len(w.IDs) > 0) {
		return outbox.Filter{}, usagef("say which events: their IDs, or --all")
	}
	return outbox.Filter{IDs: w.IDs, Destination: w.Destination}, nil
}

// change has the letters that were typed changed, and says how many that were.
func (w whichLetters) change(
	ctx context.Context, t terminal, data dataFolder, did string, do func(operator.Operator) func(context.Context, outbox.Filter) (int, error),
) error {
	which, err := w.filter()
	if err != nil {
		return err
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		n, err := do(o)(ctx, which)
		if err != nil {
			return err
		}
		if n == 0 && len(w.IDs) > 0 {
			return errNoLetters
		}
		_, err = fmt.Fprintf(t.out, did, n)
		return err
	})
}

var errNoLetters = errors.New("no such event was given up; \"handstamp outbox list\" shows which there are")

type outboxRetryCmd struct{ whichLetters }

// Help implements kong's HelpProvider.
func (outboxRetryCmd) Help() string {
	return "The server tries them within seconds, once each. Those that are taken are gone from the list, the others stay there.\n\n" +
		"Examples:\n\n  handstamp outbox retry 6f1c0a9be2d34c5f8a7b6c5d4e3f2a1b\n\n  handstamp outbox retry --all --destination webhook"
}

// Run implements the command.
func (c outboxRetryCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return c.change(ctx, t, data, "%d to be tried once more\n", func(o operator.Operator) func(context.Context, outbox.Filter) (int, error) {
		return o.RetryLetters
	})
}

type outboxDropCmd struct{ whichLetters }

// Help implements kong's HelpProvider.
func (outboxDropCmd) Help() string {
	return "The destination never gets them. They stay in the audit log.\n\nExample:\n\n  handstamp outbox drop --all --destination webhook"
}

// Run implements the command.
func (c outboxDropCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return c.change(ctx, t, data, "%d dropped\n", func(o operator.Operator) func(context.Context, outbox.Filter) (int, error) {
		return o.DropLetters
	})
}
