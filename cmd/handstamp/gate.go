package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/alecthomas/kong"

	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/server/gate"
)

type gateCmd struct{ serveFlags }

// Help implements kong's HelpProvider.
func (gateCmd) Help() string {
	return "It is \"handstamp serve\", with the same settings, pages and commands; whatever is none of its own paths goes to the app, from " +
		"who is signed in. The app is told who that is, in the headers X-Auth-User, X-Auth-Email, X-Auth-Role and X-Auth-Session. " +
		"WebSockets and streams pass, and end with the session. docs/gate.md says the rest.\n\n" +
		"Example:\n\n  handstamp gate --upstream=http://localhost:8080"
}

// Run implements the command.
func (c gateCmd) Run(ctx context.Context, parsed *kong.Context, t terminal) error {
	return c.runServer(ctx, parsed, t, true)
}

// checkUpstream is about the app behind, where there is to be one.
func checkUpstream(l *settings.Loaded[serveSettings], isGate bool) error {
	upstream := l.Values.Upstream
	if !isGate {
		if !upstream.IsZero() {
			l.Warnings = append(l.Warnings, fmt.Sprintf("%s: nothing is passed on to %s; \"handstamp gate\" does that", l.Origin("upstream"), upstream))
		}
		return nil
	}
	if upstream.IsZero() {
		return usagef("%s: there must be an app, such as http://localhost:8080 or unix:/run/app.sock", l.Origin("upstream"))
	}
	for name, listens := range map[string]settings.Address{"listen": l.Values.Listen, "ops-listen": l.Values.OpsListen} {
		if isSamePlace(upstream.URL, listens) {
			return usagef("%s: %s is where %s listens, so that nothing would ever come to an app", l.Origin("upstream"), upstream, l.Origin(name))
		}
	}
	if !upstream.IsSafe() {
		l.Warnings = append(l.Warnings, fmt.Sprintf("%s: %s is not encrypted: whoever sees the network between sees what is sent, "+
			"and whoever else reaches the app can tell it to be anybody", l.Origin("upstream"), upstream))
	}
	return nil
}

// isSamePlace reports whether an app at u would be the server itself.
func isSamePlace(u url.URL, listens settings.Address) bool {
	host, port, err := net.SplitHostPort(string(listens))
	if err != nil || u.Scheme == "unix" {
		return false
	}
	itsPort := u.Port()
	if itsPort == "" {
		itsPort = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	its := settings.Address(net.JoinHostPort(u.Hostname(), itsPort))
	return port == itsPort && (host == u.Hostname() || listens.IsLoopback() && its.IsLoopback())
}

// gateCookie is the name of the session cookie over plain HTTP, where no prefix keeps it apart: an app on this machine
// may well have a cookie of its own that is called session.
const gateCookie = "handstamp-session"

// newUpstream returns the app that the settings say.
func (s serveSettings) newUpstream() (*gate.Upstream, error) {
	return gate.NewUpstream(&s.Upstream.URL, gate.Limits{Requests: s.UpstreamRequests, Answer: time.Duration(s.UpstreamTimeout)})
}
