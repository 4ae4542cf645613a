package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/store/sqlstore"
)

type restoreCmd struct {
	File         string `arg:"" help:"A file that \"handstamp backup\" has written."`
	Replace      bool   `help:"Take the place of the database that is there, which is kept under another name."`
	KeepSessions bool   `help:"Keep the sessions of the backup alive. Sessions that have ended since COME BACK."`
}

// Help implements kong's HelpProvider.
func (restoreCmd) Help() string {
	return "No server may run on the data folder. The backup is checked from end to end before anything is changed. What was " +
		"changed since the backup is gone: users, passwords, roles. Everybody has to sign in again, because some sessions of the backup " +
		"have been ended since by logging out, and a logout must not be undone.\n\nExample:\n\n" +
		"  handstamp restore --replace /var/backups/handstamp-monday.db"
}

// Run implements the command.
func (c restoreCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	if err := os.MkdirAll(string(data), 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	into, err := filepath.Abs(filepath.Join(string(data), databaseName))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	restore := sqlstore.Restore{Open: openDatabase, Replace: c.Replace, KeepSessions: c.KeepSessions}
	restored, err := restore.Run(ctx, c.File, into)
	switch {
	case errors.Is(err, sqlstore.ErrOwned):
		return fmt.Errorf("%w; stop the server first", err)
	case errors.Is(err, sqlstore.ErrDatabaseThere):
		return fmt.Errorf("%w; with --replace it is kept under another name, and the backup takes its place", err)
	case errors.Is(err, sqlstore.ErrInUse):
		return fmt.Errorf("%w; copying it misses its last writes, so use \"handstamp backup\"", err)
	case errors.Is(err, sqlstore.ErrNewer):
		return fmt.Errorf("%w; restore it with that version", err)
	case err != nil:
		return err
	}
	fmt.Fprintf(t.out, "restored %s: %d users\n", c.File, restored.Users)
	if c.KeepSessions {
		fmt.Fprintf(t.err, "handstamp: WARNING: %d sessions are as they were when the backup was made: whoever has LOGGED OUT SINCE is "+
			"signed in again, and so is whoever has a stolen session that was ended; signing keys are those of the backup, too: if one has LEAKED SINCE, "+
			"run \"handstamp key rotate --compromised\"\n", restored.Sessions)
	} else {
		fmt.Fprintf(t.out, "%d sessions ended: everybody has to sign in again\n", restored.Sessions)
	}
	if restored.Aside != "" {
		fmt.Fprintf(t.out, "the database that was there is kept as %s\n", restored.Aside)
	}
	switch err := data.noteRestore(ctx); {
	case errors.Is(err, errNoMasterKey):
		fmt.Fprintf(t.err, "handstamp: WARNING: %v\n", err)
	case err != nil:
		return fmt.Errorf("the backup is restored, and the audit log does not say so: %w", err)
	}
	return nil
}

// noteRestore writes into the audit log, where there is one, that its end was replaced by what it was at
// the time of a backup.
func (f dataFolder) noteRestore(ctx context.Context) (err error) {
	own, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.close()) }()
	given, err := givenMasterKey()
	if err == nil {
		err = f.keepAudit(ctx, own, given, false)
	}
	if err != nil || own.audit == nil {
		return err
	}
	return own.audit.Record(ctx, handstamp.NewEvent(ctx, handstamp.ActionRestore))
}
