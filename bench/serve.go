package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"runtime/pprof"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/password/worker"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
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

	// What another server has sent, from a bare handler.
	replayServer = "replay"

	// These differ in where they compute hashes.
	localServer  = "in the server"
	workerServer = "in worker processes"
)

// handlerOf returns the handler of a server, and what closes what it uses.
func handlerOf(ctx context.Context, name, folder string) (http.Handler, func() error, error) {
	bare := http.HandlerFunc(answerSample)
	nothing := func() error { return nil }
	switch name {
	case bareServer:
		return bare, nothing, nil
	case replayServer:
		handler, err := newReplay(folder)
		return handler, nothing, err
	}
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return nil, nil, err
	}
	sessions := session.New(db.Sessions())
	if name == libraryServer {
		return libraryHandler(ctx, db, sessions)
	}
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

// libraryHandler is the whole product as a program has it that mounts it itself, without its access log.
func libraryHandler(ctx context.Context, db *database, sessions *session.Manager) (http.Handler, func() error, error) {
	sessions.Cookie.Insecure = true
	tokens, err := newIssuer(ctx, sessions)
	if err != nil {
		return nil, nil, errors.Join(err, db.close())
	}
	return productHandler(account.New(db.Users()), sessions, tokens.Tokens, tokens.Tokens), func() error {
		sessions.Close()
		tokens.keys.Close()
		return db.close()
	}, nil
}

// productHandler is the whole product, without its access log. bearer may be tokens, or stand in front of it.
func productHandler(people *account.Directory, sessions *session.Manager, tokens *token.Tokens, bearer handstamp.Authenticator) http.Handler {
	people.Roles, people.AdminRole = []string{"user", "admin"}, "admin"
	return server.New(server.Config{
		Profile:        server.Product(),
		People:         people,
		Sessions:       sessions,
		Tokens:         tokens,
		Authenticators: []handstamp.Authenticator{sessions, bearer},
		Forward:        &server.Forward{Upstream: tokens.ForUpstream},
		Web: &server.Web{
			PublicURL:      &url.URL{Scheme: "http", Host: publicHost},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
			ProxyHeader:    "x-forwarded-for",
		},
		Log: slog.New(slog.DiscardHandler),
	})
}

// An issuer is what makes bearer tokens.
type issuer struct {
	*token.Tokens
	keys *keyring.Keyring
}

// newIssuer returns the issuer of tokens for sessions, with new keys in memory.
func newIssuer(ctx context.Context, sessions *session.Manager) (issuer, error) {
	keys, err := keyring.Open(ctx, memory.NewKeys(), make([]byte, 32), keyring.Config{})
	if err != nil {
		return issuer{}, err
	}
	tokens, err := newTokens(sessions, keys)
	if err != nil {
		keys.Close()
	}
	return issuer{tokens, keys}, err
}

// newTokens returns Tokens that have seen none yet.
func newTokens(sessions *session.Manager, keys *keyring.Keyring) (*token.Tokens, error) {
	return token.New(sessions, keys, token.Config{Issuer: publicURL, Secret: make([]byte, 32)})
}

// classicHandler is the whole server as it speaks the founding API, without its access log.
func classicHandler(db *database, sessions *session.Manager, hashes password.Engine) http.Handler {
	return classicHandlerWith(db, sessions, &password.Hasher{Engine: hashes})
}

func classicHandlerWith(db *database, sessions *session.Manager, passwords *password.Hasher) http.Handler {
	people := account.New(db.Users())
	people.Passwords = passwords
	people.Verbatim = true
	return server.New(server.Config{
		Profile:        server.Classic(sessions.Cookie),
		People:         people,
		Sessions:       sessions,
		Authenticators: []handstamp.Authenticator{sessions},
		Log:            slog.New(slog.DiscardHandler),
	})
}
