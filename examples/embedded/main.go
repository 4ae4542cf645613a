// Command embedded is the whole server, mounted under /auth in somebody's own mux, beside a page that only those see who have
// signed in there.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/health"
	"github.com/handstamp/handstamp/server/pages/look"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

const address = "localhost:8080"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context) error {
	people, err := newPeople()
	if err != nil {
		return err
	}
	sessions := session.New(memory.New())
	defer sessions.Close()
	sessions.Cookie.Insecure = true // the address is plain HTTP; leave this out with https://

	keys, err := keyring.Open(ctx, memory.NewKeys(), newKey(), keyring.Config{})
	if err != nil {
		return err
	}
	defer keys.Close()
	tokens, err := token.New(sessions, keys, token.Config{Issuer: "http://" + address + "/auth", Secret: newKey()})
	if err != nil {
		return err
	}

	mux := http.NewServeMux()
	mux.Handle("/auth/", server.New(server.Config{
		Profile:        server.Product(),
		People:         people,
		Sessions:       sessions,
		Tokens:         tokens,
		JWKS:           http.HandlerFunc(keys.ServeJWKS),
		Authenticators: []handstamp.Authenticator{sessions, tokens},
		Prefix:         "/auth",
		Look:           look.Look{Name: "Example"},
		Web:            &server.Web{PublicURL: &url.URL{Scheme: "http", Host: address}},
		Operations:     &server.Operations{Ready: health.New().Ready()},
	}))
	guard := handstamp.NewGuard(sessions, tokens)
	mux.Handle("/hello", guard.Require()(http.HandlerFunc(hello)))

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return server.Serve(ctx, listener, mux, slog.Default(), nil)
}

// newPeople returns the people with what protects their accounts, which the library leaves to its user.
func newPeople() (*account.Directory, error) {
	users := memory.NewUsers()
	people := account.New(users)
	people.Links = users
	people.Roles, people.AdminRole = []string{"user", "admin"}, "admin"
	people.Rules = func() account.PasswordRules { return account.PasswordRules{Service: []string{"Example"}} }

	key := newKey()
	var err error
	if people.Limits, err = throttle.New(memory.NewThrottle(), key, throttle.Limits{}); err != nil {
		return nil, err
	}
	if people.Devices, err = throttle.NewDevices(key); err != nil {
		return nil, err
	}
	people.Devices.Insecure = true // as with the session cookie

	ada := account.Details{Email: "ada@example.com", Password: "correct horse battery", Role: "admin"}
	_, err = people.Create(context.Background(), ada)
	return people, err
}

// newKey returns a secret key. Keep yours: with new ones at each start, limits, known devices and the keys that tokens are
// signed with are forgotten.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never returns an error
	return key
}

func hello(w http.ResponseWriter, r *http.Request) {
	who, _ := handstamp.From(r.Context())
	fmt.Fprintf(w, "Hello, %s %s.\n", who.Role, who.UserID)
}
