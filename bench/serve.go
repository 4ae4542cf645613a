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
	"runtime/pprof"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/password/worker"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
)

// serveAs is the process of one server: it prints where it listens, as the real one does, and
// runs until ctx is done. All of them stand behind the same timeouts.
func serveAs(ctx context.Context, name, folder, profile string) (err error) {
	handler, closeAll, err := handlerOf(ctx, name, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Fprintf(os.Stderr, "%s: listening on http://%s\n", name, listener.Addr())
	return server.Serve(ctx, listener, handler, slog.New(slog.DiscardHandler), netip.Addr.IsLoopback)
}

// The servers that are compared.
const (
	bareServer  = "bare net/http"
	guardServer = "guard"
	quietServer = "server, no log"
	realServer  = "handstamp classic"

	// These differ in where they compute hashes.
	localServer  = "in the server"
	workerServer = "in worker processes"
)

// handlerOf returns the handler of a server, and what closes what it uses.
func handlerOf(ctx context.Context, name, folder string) (http.Handler, func() error, error) {
	bare := http.HandlerFunc(answerSample)
	if name == bareServer {
		return bare, func() error { return nil }, nil
	}
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return nil, nil, err
	}
	sessions := session.New(db.Sessions())
	sessions.Cookie = session.Cookie{Name: cookieName, Classic: true}
	closeAll := func() error {
		sessions.Close()
		return db.close()
	}
	switch name {
	case guardServer:
		return handstamp.NewGuard(sessions).Require()(bare), closeAll, nil
	case quietServer, localServer:
		return classicHandler(db, sessions, new(password.Local)), closeAll, nil
	case workerServer:
		pool := worker.Start(worker.Config{})
		return classicHandler(db, sessions, pool), func() error {
			pool.Close()
			return closeAll()
		}, nil
	}
	return nil, nil, errors.Join(fmt.Errorf("no server %q", name), closeAll())
}

// classicHandler is the whole server as it speaks the founding API, without its access log.
func classicHandler(db *database, sessions *session.Manager, hashes password.Engine) http.Handler {
	people := account.New(db.Users())
	people.Passwords.Engine = hashes
	people.Verbatim = true
	return server.New(server.Config{
		Profile:        server.Classic(sessions.Cookie),
		People:         people,
		Sessions:       sessions,
		Authenticators: []handstamp.Authenticator{sessions},
		Log:            slog.New(slog.DiscardHandler),
	})
}
