package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/server/operator"
)

// importBatch imports what was read from elsewhere, and calls print with what became of it.
func (f dataFolder) importBatch(ctx context.Context, batch importer.Batch, print func(importer.Result) error) error {
	return f.operate(ctx, true, func(o operator.Operator) error {
		result, err := o.Import(ctx, batch)
		if errors.Is(err, operator.ErrConnection) {
			return fmt.Errorf("%w; it may have imported everything or nothing, and importing again does no harm", err)
		}
		if err != nil {
			return fmt.Errorf("nothing was imported: %w", err)
		}
		return print(result)
	})
}

func printCounts(t terminal, kind string, c importer.Counts) {
	fmt.Fprintf(t.out, "%s: %d taken, %d known already, %d skipped\n", kind, c.Taken, c.Present, c.Skipped)
}
