package operator

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp"
)

// ErrCannotBackUp means that the users are kept where this program cannot back them up.
var ErrCannotBackUp = errors.New("this store has no backup of its own; use that of the database")

// Backup says where a backup goes.
type Backup struct {
	File    string // an absolute path, as the process that owns the users sees it
	Replace bool   // take the place of a file that is there
}

// Backup implements [Operator].
func (l *Local) Backup(ctx context.Context, to Backup) (size int64, err error) {
	if l.WriteBackup == nil {
		return 0, ErrCannotBackUp
	}
	size, err = l.WriteBackup(ctx, to.File, to.Replace)
	if err != nil {
		return 0, err
	}
	return size, l.record(ctx, handstamp.NewEvent(ctx, handstamp.ActionBackup))
}

// Backup implements [Operator].
func (c *Client) Backup(ctx context.Context, to Backup) (size int64, err error) {
	return call[Backup, int64](ctx, c, callBackup, to)
}
