package serve_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	services "github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/remotestore"
)

// startHandlerOnRemote mounts the product in a program that keeps its sessions at another server.
func startHandlerOnRemote(t testing.TB, o options) *target {
	h := &host{t: t, o: o, key: newKey()}
	h.engine = func() engine {
		log := memory.NewAudit(audit.NewChain(h.key)) // of both, so that it is whole
		users, clients, keys := memory.NewUsers(), memory.NewClients(), memory.NewKeys()
		users.Audit, clients.Audit, keys.Audit = log, log, log
		sessions, stop := startSessionServer(t, log)
		return engine{
			users: users, links: users, sessions: sessions, attempts: memory.NewThrottle(), audit: log,
			clients: clients, keys: keys, ready: answers(sessions), close: stop,
		}
	}
	return h.start()
}

// answers returns a check that a store of sessions can be asked.
func answers(store session.Records) func(context.Context) error {
	return func(ctx context.Context) error {
		if _, err := store.Load(ctx, session.Hash{1}); !errors.Is(err, session.ErrGone) {
			return err
		}
		return nil
	}
}

// startSessionServer starts a server and returns its sessions, as a service has them.
func startSessionServer(t testing.TB, log *memory.Audit) (_ *remotestore.Store, stop func()) {
	t.Helper()
	kept := memory.New()
	kept.Audit = log
	sessions, clients, passOn := session.New(kept), services.New(memory.NewClients()), relay.Start(kept, relay.Config{})
	listener := httptest.NewUnstartedServer(nil)
	listener.Config.Handler = server.New(server.Config{
		Profile:        server.Product(),
		People:         account.New(memory.NewUsers()),
		Sessions:       sessions,
		Clients:        clients,
		Relay:          passOn,
		Authenticators: []handstamp.Authenticator{sessions},
		Web:            &server.Web{PublicURL: &url.URL{Scheme: "http", Host: listener.Listener.Addr().String()}},
		Log:            slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	listener.Start()
	_, secret, err := clients.Add(t.Context(), "the program", services.ScopeSessions)
	if err != nil {
		t.Fatal(err)
	}
	store, err := remotestore.Open(listener.URL, keepSecret(string(secret)), remotestore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return store, func() {
		store.Close()
		passOn.Drain()
		listener.Close()
		passOn.Close()
		sessions.Close()
	}
}
