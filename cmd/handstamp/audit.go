package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/server/operator"
)

type auditCmd struct {
	Show   auditShowCmd   `cmd:"" default:"withargs" help:"Show what was done (the default)."`
	Verify auditVerifyCmd `cmd:"" help:"Check that nobody has changed the audit log."`
}

type auditShowCmd struct {
	User    string        `placeholder:"WHO" help:"Only what was done by, or to, the user with this email or ID."`
	Action  string        `help:"Only this action, such as login or role-change."`
	Outcome string        `help:"Only success or failure." enum:"success,failure," default:""`
	Since   time.Duration `placeholder:"DURATION" help:"Only what is not older, such as 24h."`
	Limit   int           `default:"100" help:"The newest ones, up to this many; 0 for all."`
	Follow  bool          `short:"f" help:"Go on with what is done from now on."`
	JSON    bool          `name:"json" help:"Print JSON, one object a line."`
}

// Help implements kong's HelpProvider.
func (auditShowCmd) Help() string {
	return "Examples:\n\n  handstamp audit --outcome failure --since 24h\n\n  handstamp audit --user ada@example.com --follow"
}

const (
	auditPage  = 1000
	followTick = time.Second
)

// Run implements the command.
func (c auditShowCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		which := audit.Filter{Action: handstamp.Action(c.Action), Outcome: handstamp.Outcome(c.Outcome), Limit: c.Limit, Newest: true}
		if c.Limit <= 0 {
			which.Limit, which.Newest = auditPage, false
		}
		if c.Since > 0 {
			which.Since = time.Now().Add(-c.Since)
		}
		if c.User != "" {
			id, err := handstamp.ParseID(c.User) // also of one who was deleted
			if err != nil {
				u, err := o.User(ctx, c.User)
				if err != nil {
					return explainUser(err)
				}
				id = u.ID
			}
			which.UserID = id
		}
		for {
			n, err := c.page(ctx, t, o, &which)
			switch {
			case err != nil:
				return err
			case n == auditPage && !which.Newest:
				continue
			case !c.Follow:
				return nil
			}
			which.Limit, which.Newest = auditPage, false
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(followTick):
			}
		}
	})
}

// page prints a page and moves which behind it.
func (c auditShowCmd) page(ctx context.Context, t terminal, o operator.Operator, which *audit.Filter) (int, error) {
	entries, err := o.Entries(ctx, *which)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		which.After = e.Number
		if c.JSON {
			err = json.NewEncoder(t.out).Encode(e)
		} else {
			_, err = fmt.Fprintln(t.out, auditLine(e))
		}
		if err != nil {
			return 0, err
		}
	}
	return len(entries), nil
}

// auditLine returns an entry for people.
func auditLine(e audit.Entry) string {
	parts := []string{
		strconv.FormatInt(e.Number, 10), e.At.Format(time.DateTime), string(e.Action), string(e.Outcome),
	}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+printable(value))
		}
	}
	add("by", e.Actor)
	if !e.ActorID.IsZero() {
		add("by", e.ActorID.String())
	}
	if !e.UserID.IsZero() && e.UserID != e.ActorID {
		add("to", e.UserID.String())
	}
	if !e.SessionID.IsZero() {
		add("session", e.SessionID.String())
	}
	if e.Address.IsValid() {
		add("from", e.Address.String())
	}
	if e.Reason != "" {
		parts = append(parts, "("+printable(e.Reason)+")")
	}
	return strings.Join(parts, " ")
}

type auditVerifyCmd struct {
	Seen string `placeholder:"NUMBER:SUM" help:"What an earlier run has printed; the log must still contain it."`
}

// Help implements kong's HelpProvider.
func (auditVerifyCmd) Help() string {
	return "Prints where the log ends. Keep that in another place and give it to the next run with --seen, so that " +
		"also an end that was cut off is found.\n\nExample:\n\n  handstamp audit verify"
}

// Run implements the command.
func (c auditVerifyCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	var seen audit.Mark
	if c.Seen != "" {
		number, sum, _ := strings.Cut(c.Seen, ":")
		var err error
		if seen.Number, err = strconv.ParseInt(number, 10, 64); err == nil {
			err = seen.Sum.UnmarshalText([]byte(sum))
		}
		if err != nil {
			return usagef("--seen is %q, and must be a number, a colon and a sum, as this command prints them", c.Seen)
		}
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		end, err := o.VerifyAudit(ctx, seen)
		if err != nil {
			return err
		}
		sum, err := end.Sum.MarshalText()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "the audit log is whole up to %d:%s\n", end.Number, sum)
		return err
	})
}
