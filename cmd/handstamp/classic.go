package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

type classicCmd struct{}

// Help implements kong's HelpProvider.
func (classicCmd) Help() string {
	return "Settings are the environment variables of the founding API:\n\n" +
		"  API_HOST          address to listen on (0.0.0.0)\n\n" +
		"  API_PORT          port to listen on (5000)\n\n" +
		"  AUTH_TYPE         auth, basic_auth, session_auth, session_exp_auth or session_db_auth; " +
		"without it everything is open to everybody\n\n" +
		"  SESSION_NAME      name of the session cookie (_my_session_id)\n\n" +
		"  SESSION_DURATION  seconds that a session lasts (0, which is for ever)\n\n" +
		"Example:\n\n  AUTH_TYPE=session_auth handstamp classic"
}

// Run implements the command.
func (classicCmd) Run(ctx context.Context, t terminal, data dataFolder) (err error) {
	fmt.Fprintln(t.err, "handstamp: classic speaks the founding API, weaknesses included, for those who come from it; "+
		`for everybody else there is "handstamp serve"`)
	settings, err := readClassicSettings()
	if err != nil {
		return err
	}
	if settings.auth == authOpen {
		fmt.Fprintln(t.err, "handstamp: WARNING: AUTH_TYPE is not set, so EVERYBODY may read, change and delete EVERY user")
	}
	signal.Ignore(syscall.SIGPIPE) // whoever reads the log may go away; the server must not
	lines := newLogQueue(t.err)
	defer lines.close()
	log := slog.New(slog.NewTextHandler(lines, nil))
	slog.SetDefault(log)

	own, err := data.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.close()) }()
	if data.isOpenToOthers() {
		fmt.Fprintf(t.err, "handstamp: WARNING: others on this machine can enter the data folder; chmod 700 %s\n", data)
	}

	own.people.Verbatim = true
	sessions := settings.sessions(own)
	if sessions != nil {
		defer sessions.Close()
	}
	handler := server.New(server.Config{
		Profile:        server.Classic(settings.cookie()),
		People:         own.people,
		Sessions:       sessions,
		Authenticators: settings.authenticators(own, sessions),
		Open:           settings.auth == authOpen,
		Log:            log,
	})

	listener, err := new(net.ListenConfig).Listen(ctx, settings.network(), net.JoinHostPort(settings.host, settings.port))
	if err != nil {
		return fmt.Errorf("listen (API_HOST and API_PORT say where): %w", err)
	}
	socket, err := data.listen(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	announce(ctx, t.err, listener.Addr(), settings, own, data)
	commands := own.operator()
	commands.Sessions = sessions
	return serveBoth(ctx, listener, handler, socket, operator.Handler(commands), log)
}

// sessions returns the manager that the settings ask for, or nil for none.
func (s classicSettings) sessions(own *opened) *session.Manager {
	var store session.Store
	switch s.auth {
	case authSession, authSessionExp:
		store = memory.New()
	case authSessionDB:
		store = own.store.Sessions()
	default:
		return nil
	}
	m := session.New(store)
	m.Cookie = s.cookie()
	m.NewToken = session.UUIDToken
	m.Idle = 0
	m.Lifetime = s.duration
	if s.auth == authSession {
		m.Lifetime = 0
	}
	return m
}

func (s classicSettings) cookie() session.Cookie {
	return session.Cookie{Name: s.sessionName, Classic: true}
}

func (s classicSettings) authenticators(own *opened, sessions *session.Manager) []handstamp.Authenticator {
	switch {
	case sessions != nil:
		return []handstamp.Authenticator{sessions}
	case s.auth == authBasic:
		basic := own.people.Basic("Login Required")
		basic.ExactScheme = true
		return []handstamp.Authenticator{basic}
	default: // "auth" lets nobody in
		return nil
	}
}

// announce says where the server listens, and what to type next.
func announce(ctx context.Context, w io.Writer, address net.Addr, s classicSettings, own *opened, data dataFolder) {
	base, reach := "http://"+address.String(), ""
	listens := base
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		base, reach = fmt.Sprintf("http://127.0.0.1:%d", tcp.Port), "reachable from every network, "
	}
	auth := string(s.auth)
	if s.auth == authOpen {
		auth = "not set"
	}
	fmt.Fprintf(w, "handstamp: listening on %s (%sAUTH_TYPE %s, data in %s)\n", listens, reach, auth, data)

	next := fmt.Sprintf("curl %s/api/v1/status", base)
	n, err := own.people.Count(ctx)
	switch {
	case err == nil && n == 0:
		next = fmt.Sprintf("%s --data '%s' user add --email you@example.com", os.Args[0], data)
	case s.auth == authBasic:
		next = fmt.Sprintf("curl -u EMAIL:PASSWORD %s/api/v1/users/me", base)
	case s.auth == authSession, s.auth == authSessionExp, s.auth == authSessionDB:
		next = fmt.Sprintf("curl -i %s/api/v1/auth_session/login -d email=EMAIL -d password=PASSWORD", base)
	}
	fmt.Fprintf(w, "handstamp: next, in another terminal: %s\n", next)
}

// serveBoth serves the public handler and the one for commands until ctx is done or one of them
// fails.
func serveBoth(ctx context.Context, public net.Listener, handler http.Handler,
	socket net.Listener, commands http.Handler, log *slog.Logger,
) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		defer stop()
		failed <- server.ServeOperator(ctx, socket, commands, log)
	}()
	err := server.Serve(ctx, public, handler, log, netip.Addr.IsLoopback)
	stop()
	return errors.Join(err, <-failed)
}
