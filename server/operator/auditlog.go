package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

// An AuditLog reads what was done.
type AuditLog interface {
	Entries(ctx context.Context, which audit.Filter) ([]audit.Entry, error)

	// VerifyAudit returns where the log ends, or an error that wraps [audit.ErrBroken]. See
	// [audit.Verify].
	VerifyAudit(ctx context.Context, seen audit.Mark) (audit.Mark, error)
}

// ErrNoAudit means that no audit log is kept.
var ErrNoAudit = errors.New("no audit log is kept here")

// Entries implements [Operator].
func (l *Local) Entries(ctx context.Context, which audit.Filter) ([]audit.Entry, error) {
	if l.Audit == nil {
		return nil, ErrNoAudit
	}
	return l.Audit.Entries(ctx, which)
}

// VerifyAudit implements [Operator].
func (l *Local) VerifyAudit(ctx context.Context, seen audit.Mark) (audit.Mark, error) {
	if l.Audit == nil {
		return audit.Mark{}, ErrNoAudit
	}
	return audit.Verify(ctx, l.Audit, l.Chain, seen)
}

// record keeps an event of which nothing else is written, and tells of it.
func (l *Local) record(ctx context.Context, event handstamp.Event) error {
	if l.Audit != nil {
		if err := l.Audit.Record(ctx, event); err != nil {
			return fmt.Errorf("keep event: %w", err)
		}
	}
	l.People.Notify.Hear(ctx, event)
	return nil
}

// The calls of AuditLog.
const (
	callEntries     = "/audit"
	callVerifyAudit = "/verify-audit"
)

// Entries implements [Operator].
func (c *Client) Entries(ctx context.Context, which audit.Filter) ([]audit.Entry, error) {
	return call[audit.Filter, []audit.Entry](ctx, c, callEntries, which)
}

// VerifyAudit implements [Operator].
func (c *Client) VerifyAudit(ctx context.Context, seen audit.Mark) (audit.Mark, error) {
	return call[audit.Mark, audit.Mark](ctx, c, callVerifyAudit, seen)
}
