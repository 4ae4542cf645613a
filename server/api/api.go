// Package api is the JSON interface: users, sessions and the state of the server, one file for
// each. What the profiles do differently stands in [Style]; everything else is the same for all.
package api

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

// Prefix is where every path of the interface begins.
const Prefix = "/api/v1"

// A Style is how a profile speaks.
type Style struct {
	// Format returns a writer that sets the compact JSON written to it as the profile does,
	// and passes it on to w. No write ends inside of a character.
	Format func(w io.Writer) io.Writer

	// MethodNotAllowed is the page for methods that a path does not know, in HTML.
	MethodNotAllowed []byte

	// SignInProblem says how to answer a pair of email and password that is not good.
	SignInProblem func(err error) Problem
}

// A Problem is an answer that is not what was asked for.
type Problem struct {
	Status int    `json:"-"`
	Error  string `json:"error"`
}

// What many routes answer.
var (
	Unauthorized = Problem{http.StatusUnauthorized, "Unauthorized"}
	Forbidden    = Problem{http.StatusForbidden, "Forbidden"}
	notFound     = Problem{http.StatusNotFound, "Not found"}
	wrongFormat  = Problem{http.StatusBadRequest, "Wrong format"}
	TooLarge     = Problem{http.StatusRequestEntityTooLarge, "Request too large"}
	noSessions   = Problem{http.StatusNotImplemented, "Session management is not supported"}
	Unavailable  = Problem{http.StatusServiceUnavailable, "Service unavailable"}
	emailMissing = Problem{http.StatusBadRequest, "email missing"}
	passMissing  = Problem{http.StatusBadRequest, "password missing"}
	passTooLong  = Problem{http.StatusBadRequest, "password too long"}
)

// An API answers the routes.
type API struct {
	Style    Style
	People   *account.Directory
	Sessions *session.Manager // nil where nobody keeps sessions
	Log      *slog.Logger
}

// A Route is a path and what it does for each method. A final slash makes no difference.
type Route struct {
	Path    string
	Public  bool // needs no credential
	Methods map[string]http.HandlerFunc
}

// Routes returns what the interface answers.
func (a *API) Routes() []Route {
	return slices.Concat(a.statusRoutes(), a.userRoutes(), a.sessionRoutes())
}

// Handler returns a mux of routes. Every path also answers OPTIONS, and HEAD where it answers GET;
// whatever is left is 404 or 405.
func (a *API) Handler(routes []Route) http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes {
		handler := a.dispatch(route.Methods)
		mux.Handle(route.Path, handler)
		mux.Handle(route.Path+"/{$}", handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { a.Refuse(w, notFound) })
	return mux
}

func (a *API) dispatch(methods map[string]http.HandlerFunc) http.Handler {
	allowed := []string{http.MethodOptions}
	for method := range methods {
		allowed = append(allowed, method)
	}
	if methods[http.MethodGet] != nil {
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet // net/http drops the body
		}
		if handler := methods[method]; handler != nil {
			handler(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		if r.Method == http.MethodOptions {
			write(w, http.StatusOK, htmlType, nil)
			return
		}
		write(w, http.StatusMethodNotAllowed, htmlType, a.Style.MethodNotAllowed)
	})
}

// Refuse answers with a problem.
func (a *API) Refuse(w http.ResponseWriter, p Problem) {
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	a.answer(w, p.Status, p)
}

// fail answers an error that is not the client's doing: 503, so that the client tries again.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.LogFailure(r, "cannot answer", err)
	a.Refuse(w, Unavailable)
}

// LogFailure writes an error into the log, unless it only says that the client is gone or that
// there are more sign-ins than the server has time for.
func (a *API) LogFailure(r *http.Request, message string, err error) {
	if r.Context().Err() == nil && !errors.Is(err, password.ErrBusy) {
		a.Log.ErrorContext(r.Context(), message, "method", r.Method, "path", r.URL.Path, "error", err)
	}
}

// problemOf returns what err, an error of reading a body, means to the client.
func problemOf(err error) Problem {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return TooLarge
	}
	return wrongFormat
}
