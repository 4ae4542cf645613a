package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/importer"
)

type importFlaskCmd struct {
	Path string `arg:"" help:"A folder with .db_User.json and perhaps .db_UserSession.json, or one such file."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (importFlaskCmd) Help() string {
	return "Users that are there already are left as they are, and what was imported before is not imported again, " +
		"so that importing twice does no harm. Sessions keep working. When something is wrong with a file, nothing is imported.\n\nExample:\n\n" +
		"  handstamp import flask /srv/founding-api"
}

// Run implements the command.
func (c importFlaskCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	batch, err := importer.Flask(c.Path, time.Now())
	if err != nil {
		if errors.Is(err, importer.ErrFormat) {
			return fmt.Errorf("nothing was imported: %w", err)
		}
		return err
	}
	return data.importBatch(ctx, true, batch, func(result importer.Result) error {
		if c.JSON {
			result.Notes = append([]importer.Note{}, result.Notes...)
			return printJSON(t, result)
		}
		printNotes(t, result.Notes)
		printCounts(t, "users", result.Users)
		printCounts(t, "sessions", result.Sessions)
		return nil
	})
}
