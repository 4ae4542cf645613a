package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/handstamp/handstamp/server/operator"
)

type backupCmd struct {
	File    string `arg:"" help:"The file to write."`
	Replace bool   `help:"Take the place of a file that is there."`
}

// Help implements kong's HelpProvider.
func (backupCmd) Help() string {
	return "The backup holds the whole database as it is at one moment, password hashes and sessions included, and only its " +
		"owner can read it. A running server goes on meanwhile; it writes the file itself, so the file is its user's. The master " +
		"key is not in it: whoever finds a backup must not find the key beside it.\n\nExample:\n\n" +
		"  handstamp backup /var/backups/handstamp-monday.db"
}

// Run implements the command.
func (c backupCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	file, err := filepath.Abs(c.File) // a server may stand in another folder
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		size, err := o.Backup(ctx, operator.Backup{File: file, Replace: c.Replace})
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w; name another file, or say --replace", err)
		}
		if err != nil {
			return err
		}
		if info, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() != size {
			return fmt.Errorf("the server wrote %d bytes to what it sees as %s, which is not what is here: it has a file "+
				"system of its own (a container, or PrivateTmp); name a file in a folder that both see, such as the data folder", size, file)
		}
		fmt.Fprintf(t.out, "backed up %s to %s (%d bytes)\n", data, c.File, size)
		if key := data.masterKeyFile(); exists(key) {
			fmt.Fprintf(t.out, "the master key is not in it, and what it seals is lost without it: keep a copy of %s, and keep it elsewhere\n", key)
		}
		return nil
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
