package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"

	"github.com/handstamp/handstamp/server/operator"
)

type exportCmd struct {
	Hashes bool `help:"Export the password hashes, too. Whoever has them can try passwords without being limited."`
}

// Help implements kong's HelpProvider.
func (exportCmd) Help() string {
	return "Users are printed as JSON, one object on each line, in the order in which they came. Sessions are not exported.\n\n" +
		"Example:\n\n  handstamp export --hashes > users.jsonl"
}

// Run implements the command.
func (c exportCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		out := bufio.NewWriter(t.out)
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		for u, err := range o.Export(ctx, c.Hashes) {
			if err != nil {
				return errors.Join(err, out.Flush())
			}
			if err := encoder.Encode(u); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}
