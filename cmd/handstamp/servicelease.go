package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
)

// traceLease writes a renewal of the lease to the log, for those who look into how several nodes work together. Times are in
// nanoseconds since this process started, by the clock that nobody can set.
func (s *service) traceLease(step node.Step) {
	ctx := context.Background()
	if !s.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	since := func(t time.Time) int64 { return int64(t.Sub(s.started)) }
	attrs := []slog.Attr{slog.String("handstamp.lease.node", step.Node), slog.Int64("handstamp.lease.noted", since(step.Noted))}
	if step.Err != nil {
		attrs = append(attrs, slog.String("error.message", step.Err.Error()))
		s.log.LogAttrs(ctx, slog.LevelDebug, "lease not renewed", attrs...)
		return
	}
	s.log.LogAttrs(ctx, slog.LevelDebug, "lease renewed", append(attrs,
		slog.Int64("handstamp.lease.applied", since(step.Applied)),
		slog.Int64("handstamp.lease.end", since(step.Until)),
		slog.String("handstamp.lease.incarnation", step.Incarnation),
		slog.Int64("handstamp.lease.after", step.After),
		slog.Int64("handstamp.lease.head", step.Head),
		slog.Int("handstamp.lease.changes", step.Changes),
		slog.Bool("handstamp.lease.cleared", step.Cleared))...)
}

// reportLease says when the store cannot be asked what has changed, and when it can again.
func (s *service) reportLease(err error) {
	if err != nil {
		s.log.Warn("the store does not say what has changed; beyond the lease it is asked at each check", "error", err)
		return
	}
	s.log.Info("the store says again what has changed")
}

// promised returns how to learn what the servers of the stores promise, or nil where there are none of others.
func (s *service) promised() func(context.Context) ([]guarantee.Guarantee, error) {
	if s.own == nil {
		return nil
	}
	return s.own.promised()
}

// warnOfStores says what is grave about how the servers of the stores are configured.
func (s *service) warnOfStores(ctx context.Context) {
	promised := s.promised()
	if promised == nil {
		return
	}
	all, err := promised(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "the servers of the stores do not say how they are configured", "error", err)
		return
	}
	for _, g := range all {
		for _, f := range g.Findings {
			if f.Grave {
				s.log.WarnContext(ctx, "what is acknowledged may be lost: "+g.Server+": "+f.Text)
			}
		}
	}
}
