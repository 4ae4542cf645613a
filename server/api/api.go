// Package api is the JSON interface: users, sessions, the audit log and the state of the server, one
// file for each resource. [API.Routes] is the table of what serve answers, and to whom;
// [API.ClassicRoutes] is that of the founding API. What answers an error is in one table, too: see
// [ProblemOf].
package api

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
)

// A Style is how a profile speaks. The zero Style is that of serve: compact JSON, and problems with
// their codes.
type Style struct {
	// Format returns a writer that sets the compact JSON written to it as the profile does,
	// and passes it on to w. No write ends inside of a character. Nil leaves it as it is.
	Format func(w io.Writer) io.Writer

	// NoCodes leaves out the codes of problems.
	NoCodes bool

	// MethodNotAllowed is the page for methods that a path does not know, in HTML, for a profile
	// that also answers OPTIONS with an empty page. Nil for one that answers both as it answers
	// everything else.
	MethodNotAllowed []byte

	// SignInProblem says how the founding API answers a pair of email and password that is not
	// good. The routes of serve have one answer for all.
	SignInProblem func(err error) Problem
}

// An API answers the routes. Set the fields before the first request.
type API struct {
	Style    Style
	People   *account.Directory
	Sessions *session.Manager // nil where nobody keeps sessions
	Audit    audit.Log        // nil where nobody keeps one
	Log      *slog.Logger

	// Tokens are bearer tokens, and Clients those who may ask about them; nil for none. JWKS answers
	// with the keys that verify them (RFC 7517, section 5); nil where they are not shown.
	Tokens  Tokens
	Clients *client.Registry
	JWKS    http.Handler

	// Relay passes changes on to services that embed the verifier; nil for none.
	Relay *relay.Relay

	// Base is the path under which the routes are mounted; empty for the root.
	Base string

	// Guard finds out who is asking where that is not required.
	Guard *handstamp.Guard

	// Challenges are what a 401 asks for (RFC 9110, section 11.6.1).
	Challenges []string

	// FreshFor is for how long a password that was proved lets its user do what a stolen
	// session must not do.
	FreshFor time.Duration

	// NoAdmin makes administrators the same as everybody else: they have another door.
	NoAdmin bool

	// ResetURL returns the link that has the secret of a reset link in it; nil where there are none.
	ResetURL func(secret session.Token) string

	// MayRegister says whether strangers may make accounts now; nil for never.
	MayRegister func() bool

	// Page answers a request that gets nowhere as a person in front of a browser expects it, and
	// reports whether it has done so. It leaves alone who asked for no page. Nil for no pages.
	Page func(w http.ResponseWriter, r *http.Request, p Problem) bool

	pace pace
}

// Routes returns what serve answers.
func (a *API) Routes() []Route {
	routes := slices.Concat(a.statusRoutes(Admin), a.userRoutes(), []Route{
		{"/openapi.yaml", map[string]Method{http.MethodGet: {Public, a.describe}}},
	})
	if a.Sessions != nil {
		routes = slices.Concat(routes, a.sessionRoutes(), a.dataRoutes())
	}
	if a.Tokens != nil {
		routes = append(routes, a.ploneRoutes()...)
	}
	if a.Tokens != nil && a.Clients != nil {
		routes = append(routes, a.introspectRoutes()...)
	}
	if a.Relay != nil && a.Clients != nil {
		routes = slices.Concat(routes, a.nodeRoutes(), a.nodeSessionRoutes())
	}
	if a.JWKS != nil {
		routes = append(routes, Route{"/.well-known/jwks.json", map[string]Method{http.MethodGet: {Public, a.JWKS.ServeHTTP}}})
	}
	if a.Audit != nil {
		routes = append(routes, a.auditRoutes()...)
	}
	return routes
}

// handle makes an http.HandlerFunc of do, which answers or returns why it does not.
func (a *API) handle(do func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(w, r); err != nil {
			a.refuseFor(w, r, err)
		}
	}
}

// refuseFor answers what err means, and logs what is the server's own doing.
func (a *API) refuseFor(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err)
	if p.Status >= http.StatusInternalServerError {
		a.LogFailure(r, "cannot answer", err)
	}
	a.Refuse(w, p)
}

// Refuse answers with a problem.
func (a *API) Refuse(w http.ResponseWriter, p Problem) {
	header := w.Header()
	if seconds := p.RetryAfterSeconds(); seconds > 0 {
		header.Set("Retry-After", strconv.Itoa(seconds))
	}
	if p.Status == http.StatusUnauthorized && header.Get("WWW-Authenticate") == "" {
		for _, challenge := range a.Challenges {
			header.Add("WWW-Authenticate", challenge)
		}
	}
	if a.Style.NoCodes {
		p.Code = ""
	}
	a.answer(w, p.Status, p)
}

// TurnAway answers a request that gets to no route: with a page where one was asked for.
func (a *API) TurnAway(w http.ResponseWriter, r *http.Request, p Problem) {
	if a.Page == nil || !a.Page(w, r, p) {
		a.Refuse(w, p)
	}
}

// fail answers an error that is not the client's doing: 503, so that the client tries again.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.LogFailure(r, "cannot answer", err)
	a.Refuse(w, Unavailable)
}

// LogFailure writes an error into the log, unless it only says that the client is gone or that
// there are more sign-ins than the server has time for. It names the route and not the path, which
// may hold a secret.
func (a *API) LogFailure(r *http.Request, message string, err error) {
	if r.Context().Err() == nil && !errors.Is(err, password.ErrBusy) {
		a.Log.ErrorContext(r.Context(), message, "http.request.method", r.Method, "url.path", r.Pattern, "error.message", err.Error())
	}
}
