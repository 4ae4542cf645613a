package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/metrics"
)

// hear takes an event into the log and the metrics.
func (s *service) hear(ctx context.Context, e handstamp.Event) {
	level := slog.LevelInfo
	switch {
	case e.Action == handstamp.ActionFault:
		level = slog.LevelError
	case e.Outcome == handstamp.Failure:
		level = slog.LevelWarn
	}
	message := string(e.Action)
	if e.Action == handstamp.ActionFault {
		message = cmp.Or(e.Reason, message)
	}
	s.log.LogAttrs(ctx, level, message, e.LogAttrs()...)
	s.count(e)
	if d := s.deliverer.Load(); d != nil {
		d.Wake()
	}
}

func (s *service) count(e handstamp.Event) {
	if s.metrics == nil { // before the first request
		return
	}
	limit, isThrottled := strings.CutPrefix(e.Reason, account.RefusedReason)
	switch {
	case e.Outcome == handstamp.Failure && isThrottled:
		s.metrics.Count(metrics.Throttle, limit)
		s.metrics.Count(metrics.Login, "throttled")
	case e.Outcome == handstamp.Failure && e.Reason == account.BusyReason:
		s.metrics.Count(metrics.Login, "busy")
	case e.Action == handstamp.ActionLogin && e.Outcome == handstamp.Failure:
		s.metrics.Count(metrics.Login, "refused")
	case e.Action == handstamp.ActionLogin:
		s.metrics.Count(metrics.Login, "success")
		if !e.SessionID.IsZero() {
			s.metrics.Count(metrics.SessionBegin, "")
		}
	case e.Action == handstamp.ActionLogout:
		s.metrics.Count(metrics.SessionEnd, "logout")
	case e.Action == handstamp.ActionSessionEnd:
		s.metrics.Count(metrics.SessionEnd, cmp.Or(e.Reason, "one session"))
	default:
		s.metrics.Count(string(e.Action), string(e.Outcome))
	}
}

// fault takes a failure that no caller can be told of into the log.
func (s *service) fault(ctx context.Context, doing string, err error) {
	handstamp.Listener(s.hear).Fault(ctx, doing, err)
}

func (s *service) reportHealth(ctx context.Context, check string, err error) {
	if err != nil {
		s.log.ErrorContext(ctx, fmt.Sprintf("not ready: %s", check), "error", err)
		return
	}
	s.log.InfoContext(ctx, fmt.Sprintf("ready again: %s", check))
}
