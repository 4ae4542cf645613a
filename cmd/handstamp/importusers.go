package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/password"
)

type importUsersCmd struct {
	File   string `arg:"" help:"A list of users; - is standard input."`
	Format string `placeholder:"FORMAT" help:"jsonl or csv; without it, the name of the file tells: .jsonl, .ndjson or .csv."`
	Role   string `default:"user" help:"Role of users for whom the list gives none."`
	DryRun bool   `help:"Only say what would be imported."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (importUsersCmd) Help() string {
	return "The list has an object or a line for each user, with email and, as far as known, id, first_name, last_name, role, disabled, " +
		"created_at, updated_at and password_hash. Password hashes keep working. Who is there already is left as it is. " +
		"When something is wrong with the list, nothing is imported, and all that is wrong is shown by its line.\n\nExample:\n\n" +
		"  handstamp import users staff.csv --role user --dry-run"
}

// Run implements the command.
func (c importUsersCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	list := importer.UserList{Format: importer.Format(c.Format), Role: c.Role, KnownHash: password.Known}
	if c.Format == "" {
		format, ok := importer.FormatOf(c.File)
		if !ok {
			return usagef("what %q holds cannot be told from its name: say --format jsonl or --format csv", c.File)
		}
		list.Format = format
	} else if list.Format != importer.JSONLines && list.Format != importer.CSV {
		return usagef("--format is %q, and must be one of jsonl, csv", c.Format)
	}
	batch, err := unlessDone(ctx, func() (importer.Batch, error) {
		if c.File == "-" {
			return list.Read(t.in, time.Now())
		}
		return list.ReadFile(c.File, time.Now())
	})
	if errors.Is(err, importer.ErrFormat) {
		return fmt.Errorf("nothing was imported: %w", err)
	}
	if err != nil {
		return err
	}
	print := func(result importer.Result) error { return c.print(t, result) }
	if batch.DryRun = c.DryRun; c.DryRun && !data.hasDatabase() { // nor is one made
		return print(importer.Result{Users: importer.Counts{Taken: len(batch.Users)}})
	}
	return data.importBatch(ctx, true, batch, print)
}

func (c importUsersCmd) print(t terminal, result importer.Result) error {
	if c.JSON {
		return printJSON(t, struct {
			importer.Counts
			DryRun bool `json:"dry_run"`
		}{result.Users, c.DryRun})
	}
	if c.DryRun {
		fmt.Fprintln(t.out, "dry run: nothing was imported, and this is what would be")
	}
	printCounts(t, "users", result.Users)
	return nil
}
