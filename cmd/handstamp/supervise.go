package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// supervised is a server as its service manager sees it.
type supervised struct {
	// reload reads again what may change while the server runs, at each SIGHUP. After an error
	// everything is as it was. Nil leaves the signal to others.
	reload func(ctx context.Context) error

	// isAlive reports whether the server still answers; when it does not, the service manager
	// starts another one. It must return within a second or so.
	isAlive func(ctx context.Context) bool

	log *slog.Logger
}

// run says that the server is ready and listens to the service manager until ctx is done. Then it says
// that the server stops. It works without a service manager, too: then nobody hears it.
func (s supervised) run(ctx context.Context) {
	hup := make(chan os.Signal, 1)
	if s.reload != nil {
		signal.Notify(hup, syscall.SIGHUP)
		defer signal.Stop(hup)
	}
	var beat <-chan time.Time // never, without a watchdog
	if every := watchdogEvery(); every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		beat = ticker.C
	}
	s.tell(ctx, isReady)
	for {
		select {
		case <-ctx.Done():
			s.tell(ctx, isStopping)
			return
		case <-hup:
			s.tell(ctx, isReloading())
			if err := s.reload(ctx); err != nil {
				s.log.ErrorContext(ctx, "reload", "error", err)
			}
			s.tell(ctx, isReady)
		case <-beat:
			if s.isAlive(ctx) {
				s.tell(ctx, isAlive)
			}
		}
	}
}

func (s supervised) tell(ctx context.Context, state string) {
	if err := notify(state); err != nil {
		s.log.WarnContext(ctx, "supervise", "error", err)
	}
}

// watchdogEvery returns how often the service manager wants to hear from this process: half of the
// time after which it gives up (sd_watchdog_enabled(3)). Zero is never.
func watchdogEvery() time.Duration {
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	micros, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || micros <= 0 || micros > int64(time.Hour/time.Microsecond) {
		return 0
	}
	return time.Duration(micros) * time.Microsecond / 2
}
