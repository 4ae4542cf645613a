package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/operator"
)

type serveCmd struct{ serveFlags }

// Run implements the command.
func (c serveCmd) Run(ctx context.Context, parsed *kong.Context, t terminal) error {
	return c.runServer(ctx, parsed, t, false)
}

// runServer runs the server that the settings say, as a gate or not.
func (c serveFlags) runServer(ctx context.Context, parsed *kong.Context, t terminal, isGate bool) error {
	given := settings.Given(parsed)
	loaded, err := loadServeSettings(given, os.Environ())
	if err == nil {
		err = checkUpstream(&loaded, isGate)
	}
	for _, warning := range loaded.Warnings {
		fmt.Fprintln(t.err, "handstamp: WARNING:", warning)
	}
	if err != nil {
		return err
	}
	if c.Check {
		_, err := fmt.Fprintln(t.out, "the settings are good")
		return err
	}
	s, endLog := newService(t, &loaded.Values)
	defer endLog()
	s.given, s.isGate = given, isGate
	return s.serve(ctx, !loaded.IsSet("public-url"))
}

// newService returns a service with a log, which endLog ends.
func newService(t terminal, now *serveSettings) (s *service, endLog func()) {
	signal.Ignore(syscall.SIGPIPE) // whoever reads the log may go away; the server must not
	lines := newLogQueue(t.err)
	level := new(slog.LevelVar)
	level.Set(now.level())
	log := slog.New(now.logHandler(lines, t.err, level))
	slog.SetDefault(log)
	s = &service{terminal: t, level: level, log: log}
	s.settings.Store(now)
	return s, lines.close
}

// serve runs the server until ctx is done. isGuess says that nobody has set the public URL.
func (s *service) serve(ctx context.Context, isGuess bool) (err error) {
	now := s.settings.Load()
	listener, err := new(net.ListenConfig).Listen(ctx, now.Listen.Network(), string(now.Listen))
	if err != nil {
		return fmt.Errorf("listen (the setting listen says where): %w", err)
	}
	defer listener.Close()
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && isGuess && tcp.IP.IsLoopback() {
		s.guessed = fmt.Sprintf("localhost:%d", tcp.Port)
	}
	var operations net.Listener // nil where there is one for all
	if now.OpsListen != "" {
		operations, err = new(net.ListenConfig).Listen(ctx, now.OpsListen.Network(), string(now.OpsListen))
		if err != nil {
			return fmt.Errorf("listen (the setting ops-listen says where): %w", err)
		}
		defer operations.Close()
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if s.isGate {
		if s.upstream, err = now.newUpstream(); err != nil {
			return err
		}
		defer s.upstream.Close() // what is open there asks for its session
	}
	if err := s.rebuild(); err != nil {
		return err
	}
	if err := s.announce(ctx, listener.Addr()); err != nil {
		return err
	}
	if operations != nil {
		fmt.Fprintf(s.terminal.err, "handstamp: operations on %s\n", operations.Addr())
	}
	return s.run(ctx, listener, operations)
}

// run serves on all listeners until ctx is done or one of them fails, and then ends in good order: those
// who ask whether the server is ready hear it first.
func (s *service) run(ctx context.Context, public, operations net.Listener) error {
	now := s.settings.Load()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()

	isProxy := func(a netip.Addr) bool { // or another program of this machine, which asks for many
		return a.IsLoopback() || isProxy(settings.Prefixes(s.settings.Load().TrustedProxies), a)
	}
	servers := []func() error{
		func() error { return server.Serve(serving, public, &s.public, s.log, isProxy) },
	}
	if operations != nil {
		servers = append(servers, func() error { return server.Serve(serving, operations, &s.operations, s.log, isProxy) })
	}
	if s.own != nil {
		socket, err := s.folder.listen(ctx)
		if err != nil {
			return err
		}
		commands := operator.Handler(s.operator())
		servers = append(servers, func() error { return server.ServeOperator(serving, socket, commands, s.log) })
	}
	failed := make(chan error, len(servers))
	for _, serve := range servers {
		go func() {
			defer stop()
			failed <- serve()
		}()
	}
	go s.keepHouse(ctx)
	go s.warnOfStores(ctx)
	reload := s.reload
	if s.isFixed {
		reload = nil
	}
	supervised{reload: reload, isAlive: s.isAlive, log: s.log}.run(ctx) // until ctx is done

	s.health.Drain()
	if wait := time.Duration(now.Drain); wait > 0 {
		time.Sleep(wait)
	}
	s.relay.Drain() // or its streams would be waited for
	stopServing()
	var errs []error
	for range servers {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}

// announce says where the server listens, and how to make the first administrator where there is none.
func (s *service) announce(ctx context.Context, address net.Addr) error {
	now := s.settings.Load()
	kept := "data in " + now.Data
	if s.own == nil {
		kept = "nothing is kept"
	}
	fmt.Fprintf(s.terminal.err, "handstamp: listening on %s for %s (%s)\n", address, s.publicURL(), kept)
	if s.upstream != nil {
		fmt.Fprintf(s.terminal.err, "handstamp: in front of %s\n", now.Upstream)
	}
	if s.own != nil && s.folder.isOpenToOthers() {
		fmt.Fprintf(s.terminal.err, "handstamp: WARNING: others on this machine can enter the data folder; chmod 700 %s\n", s.folder)
	}
	has, err := s.people.HasRole(ctx, adminRole)
	if err != nil || has {
		return err
	}
	secret, err := s.people.NewSetupLink(operator.AsOperator(ctx), operator.SetupTime)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.terminal.err, "handstamp: there is no administrator yet; whoever opens this link within %.0f minutes becomes one:\n\n  %s\n\n",
		operator.SetupTime.Minutes(), s.config(*now).SetupURL(secret))
	if s.own != nil {
		fmt.Fprintf(s.terminal.err, "handstamp: for another link: %s user setup-link --data '%s'\n", os.Args[0], s.folder)
	}
	return nil
}

// trimEvery is how often the audit log is looked through for what is too old, and trimBatch how many
// entries go at once.
const (
	trimEvery = time.Hour
	trimBatch = 1000
)

// keepHouse removes what is too old, until ctx is done.
func (s *service) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	for {
		for ctx.Err() == nil {
			n, err := s.audit.Trim(ctx, time.Now().Add(-time.Duration(s.settings.Load().AuditRetention)), trimBatch)
			if err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "trim audit log", "error", err)
			}
			if err != nil || n < trimBatch {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// isAlive reports whether requests are answered, for the service manager.
func (s *service) isAlive(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, livePath, nil)
	if err != nil {
		return false
	}
	answer := &statusOnly{header: make(http.Header)}
	s.health.Live().ServeHTTP(answer, r)
	return answer.status == 0 || answer.status == http.StatusOK
}

const livePath = "/healthz"

// statusOnly is an answer of which nobody reads more than the status.
type statusOnly struct {
	header http.Header
	status int
}

func (a *statusOnly) Header() http.Header         { return a.header }
func (a *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (a *statusOnly) WriteHeader(status int)      { a.status = status }
