package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// begins measures what it brings that sessions which begin at the same time are committed
// together.
func (b *bench) begins(ctx context.Context) (err error) {
	db, err := openDatabase(ctx, filepath.Join(b.folder, "begins"))
	if err != nil {
		return err
	}
	sessions := session.New(db.Sessions())
	disk, err := os.Create(filepath.Join(b.folder, "disk"))
	if err != nil {
		return errors.Join(err, db.close())
	}
	defer func() {
		sessions.Close()
		err = errors.Join(err, db.close(), disk.Close())
	}()

	begin := func(int) error {
		_, _, err := sessions.Begin(ctx, handstamp.Identity{UserID: handstamp.NewID()})
		return err
	}
	page := bytes.Repeat([]byte{1}, 4096)
	sides := []struct {
		name    string
		workers int
		work    func(worker int) error
	}{
		{"bare write of 4 KiB and fsync", 1, func(int) error {
			if _, err := disk.WriteAt(page, 0); err != nil {
				return fmt.Errorf("measure the disk: %w", err)
			}
			return disk.Sync()
		}},
		{"Manager.Begin, 1 writer", 1, begin},
		{"Manager.Begin, 64 writers", 64, begin},
	}
	rates := make([]series, len(sides))
	for range b.effort.rounds {
		for i, side := range sides {
			rate, err := together(ctx, side.workers, during(b.effort.turn/2), side.work)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
	}

	t := b.table("Group commit: sessions begun in SQLite",
		"Each is on the disk (synchronous=FULL) when Begin returns.",
		"what", "per second", "of one writer")
	for i, side := range sides {
		t.row(side.name, rates[i].show(whole), rates[i].over(rates[1]).show(ratio))
	}
	return t.end()
}
