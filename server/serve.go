package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/handstamp/handstamp/internal/connlimit"
	"github.com/handstamp/handstamp/internal/strictconn"
)

const (
	maxHeader = 16 << 10 // bytes of a request's header

	// net/http adds this much to MaxHeaderBytes.
	headerSlop = 4 << 10

	headerTimeout = 5 * time.Second

	// stopTimeout is how long a request that is under way may take when the server stops.
	stopTimeout = 10 * time.Second
)

// Serve answers requests of strangers on listener, within limits, until ctx is done, and then
// finishes those that are under way. It returns nil when all of them were finished. A request that
// two readers may read in two ways is refused. Connections beyond so many are closed, in all and from one address, but
// not those of proxies.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger, proxies ...netip.Prefix) error {
	refused := func(from net.Addr, why error) {
		log.Warn("connection refused", "client.address", from.String(), "error", why)
	}
	bounded := &connlimit.Listener{Listener: listener, Exempt: proxies, Refused: refused}
	return run(ctx, &strictconn.Listener{Listener: bounded, Refused: refused}, log, &http.Server{
		ConnState:                    strictconn.ConnState(nil),
		Handler:                      handler,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" must pass the gate, too
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  15 * time.Second,
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  time.Minute,
		MaxHeaderBytes:               maxHeader - headerSlop,
	})
}

// ServeOperator is [Serve] for the commands of an operator, who may import millions of users: a
// request takes as long as it takes.
func ServeOperator(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	return run(ctx, listener, log, &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout})
}

func run(ctx context.Context, listener net.Listener, log *slog.Logger, srv *http.Server) error {
	srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()

	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("stop: %w", err), srv.Close())
	}
	return nil
}
