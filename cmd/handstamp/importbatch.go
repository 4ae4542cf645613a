package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/server/operator"
)

// importBatch imports what was read from elsewhere, and calls print with what became of it. create says
// whether to make a folder that is not there.
func (f dataFolder) importBatch(ctx context.Context, create bool, batch importer.Batch, print func(importer.Result) error) error {
	return f.operate(ctx, create, func(o operator.Operator) error {
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

// printNotes prints what was changed or skipped, and why.
func printNotes(t terminal, notes []importer.Note) {
	for _, note := range notes {
		verb := "changed"
		if note.Skipped {
			verb = "skipped"
		}
		which := note.Kind + " " + printable(note.Key)
		if note.Count == 1 {
			which = "1 " + note.Kind
		} else if note.Count > 1 {
			which = fmt.Sprintf("%d %ss", note.Count, note.Kind)
		}
		fmt.Fprintf(t.out, "%s %s: %s\n", verb, which, printable(note.Reason))
	}
}

func printCounts(t terminal, kind string, c importer.Counts) {
	fmt.Fprintf(t.out, "%s: %d taken, %d known already, %d skipped\n", kind, c.Taken, c.Present, c.Skipped)
}
