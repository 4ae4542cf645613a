package server

import (
	"context"
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
// finishes those that are under way, or cuts them off when they take too long. A request that
// two readers may read in two ways is refused. Connections beyond so many are closed, in all and from one
// address, unless isProxy says that many clients are behind that; nil is for no proxies.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger, isProxy func(netip.Addr) bool) error {
	refused := func(from net.Addr, why error) {
		log.Warn("connection refused", "client.address", from.String(), "error", why)
	}
	bounded := &connlimit.Listener{Listener: listener, Exempt: isProxy, Refused: refused}
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
		log.Warn("requests under way were cut off at the end", "error", err)
		return srv.Close()
	}
	return nil
}
