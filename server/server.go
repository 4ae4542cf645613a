package server

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/gate"
	"github.com/handstamp/handstamp/server/pages/look"
	"github.com/handstamp/handstamp/server/pages/texts"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/session/oldcookie"
)

// Config is what a server is made of.
type Config struct {
	Profile Profile
	People  *account.Directory

	// Sessions begins and ends sessions; nil for a server without any. People can sign in to pages where it is one of
	// Authenticators, too.
	Sessions *session.Manager

	// Tokens are bearer tokens; nil for none. They are accepted where their Authenticator is one of
	// Authenticators, too. Clients are the services that may ask about them, and JWKS answers with the
	// keys that verify them; nil for neither.
	Tokens  api.Tokens
	Clients *client.Registry
	JWKS    http.Handler

	// Relay passes changes of sessions on to services that embed the verifier, which are Clients with a scope; nil for
	// nobody. Whoever has started it drains and closes it. Handlers that take each other's place need the same one.
	Relay *relay.Relay

	// OldCookie takes the cookies of another system from which sessions of Sessions were brought over;
	// nil for none. Handlers that take each other's place need the same one.
	OldCookie *oldcookie.Exchanger

	// Audit is the audit log that administrators may read; nil for none.
	Audit audit.Log

	// Authenticators are the credentials that are accepted. Without any, nobody gets past the
	// public paths.
	Authenticators []handstamp.Authenticator

	// Open lets everybody pass everywhere, without asking who it is. It is for classic.
	Open bool

	// Prefix is the path under which the server is mounted in somebody's own mux, such as
	// "/auth"; empty for the root.
	Prefix string

	// FreshFor is for how long a password that was proved lets its user do what a stolen session
	// must not do; zero for [FreshFor].
	FreshFor time.Duration

	// MayRegister says whether strangers may make accounts now; nil for never.
	MayRegister func() bool

	// Texts are the words of the pages; nil for ours.
	Texts *texts.Catalogues

	// Look is how the pages are presented; the zero value is Handstamp's own.
	Look look.Look

	// ReturnOrigins are those, besides the server's own, to which a login in a page may lead back,
	// each as browsers write it, such as "https://app.example.com". Those of the hosts that rules of Forward
	// name are allowed, too: see [forward.Rules.Origins].
	ReturnOrigins []string

	// Forward is what proxies may ask before they pass a request on to an app, at /verify; nil for nothing.
	Forward *Forward

	// FormKey is the key of at least 32 bytes under which forms of pages are signed, so that no other
	// site can send one. Servers that answer the same browsers need the same one; nil makes one for
	// this process.
	FormKey []byte

	// Web says how the server is reached; nil for classic.
	Web *Web

	// Upstream is the app that gets every request that is for no route of the server; nil for none. The server does not
	// close it.
	Upstream *gate.Upstream

	// Operations is what those see who run the server; nil for nothing. Part says which of two
	// listeners the handler is for, where there are two.
	Operations *Operations
	Part       Part

	// Notify hears of what is suspicious about requests.
	Notify handstamp.Listener

	// Log receives a line for each request, and the errors; nil for [slog.Default].
	Log *slog.Logger
}

// FreshFor is for how long a proved password counts as fresh unless a [Config] says otherwise.
const FreshFor = 5 * time.Minute

// New returns the handler of the whole server. It panics where [Config.Check] finds something wrong.
func New(c Config) http.Handler {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Sessions != nil {
		c.People.Attach(c.Sessions)
	}
	guard := handstamp.NewGuard(c.Authenticators...)
	a := &api.API{
		Style:       c.Profile.API,
		People:      c.People,
		Sessions:    c.Sessions,
		Tokens:      c.Tokens,
		Clients:     c.Clients,
		JWKS:        c.JWKS,
		Relay:       c.Relay,
		Audit:       c.Audit,
		Log:         c.Log,
		Base:        c.Prefix,
		Guard:       guard,
		Challenges:  challenges(c, handstamp.ErrNoCredential),
		FreshFor:    cmp.Or(c.FreshFor, FreshFor),
		MayRegister: c.MayRegister,
		NoAdmin:     c.Part == ForPublic,
	}
	if err := c.Check(); err != nil {
		panic(err)
	}
	if c.Web != nil {
		a.ResetURL = c.ResetURL
	}
	clients, err := c.Web.clients()
	if err != nil {
		panic(err)
	}
	judge, err := c.judge(a)
	if err != nil {
		panic(err)
	}
	verify, err := c.verify(a, clients, judge)
	if err != nil {
		panic(err)
	}
	var mux *http.ServeMux
	var isApps func(r *http.Request) bool
	if c.Upstream != nil {
		isForApp := c.forApp()
		isApps = func(r *http.Request) bool { return isForApp(r, patternOf(mux, r)) }
	}
	inFront, err := c.front(a, clients, verify, isApps)
	if err != nil {
		panic(err)
	}
	guard.Refuse = func(w http.ResponseWriter, r *http.Request, err error) {
		problem := c.Profile.Refusal(r, err)
		if problem.Status >= http.StatusInternalServerError {
			a.LogFailure(r, "cannot tell who is asking", err)
		}
		if problem.Status == http.StatusUnauthorized {
			w.Header()["Www-Authenticate"] = challenges(c, err)
		}
		a.TurnAway(w, r, problem)
	}

	routes, err := c.routes(a)
	if err != nil {
		panic(err)
	}
	var handler http.Handler
	if c.Open {
		mux = a.Mux(c.Prefix, routes, nil)
		handler = mux
	} else {
		guard.Public = api.PublicPaths(c.Prefix, routes)
		mux = a.Mux(c.Prefix, routes, guard)
		handler = guard.Require()(mux)
	}
	handler = c.takeOldCookies(a, handler)
	handler = limit(a, c.Prefix+nodeapi.Prefix, handler)
	handler = origins(c, handler)
	if c.Upstream != nil {
		handler = c.before(c.gate(a, guard, judge), handler)
	}
	handler = route(mux, handler)
	if c.Profile.AnySlash {
		handler = oneSlash(handler)
	}
	handler = inFront(c.operate(clients, handler))
	return c.observe(a, clients, handler)
}

// Patterns returns the patterns of the routes that a server of c answers, without methods.
func Patterns(c Config) []string {
	routes, err := c.routes(&api.API{People: c.People, Sessions: c.Sessions, Tokens: c.Tokens, Clients: c.Clients, JWKS: c.JWKS, Relay: c.Relay, Audit: c.Audit})
	if err != nil {
		panic(err)
	}
	var patterns []string
	for _, route := range routes {
		patterns = append(patterns, c.Prefix+route.Path)
	}
	if c.Forward != nil {
		patterns = append(patterns, c.Prefix+verifyPath)
	}
	return patterns
}

// routes returns the table of what a answers, and lets pages answer who asks for one.
func (c Config) routes(a *api.API) ([]api.Route, error) {
	routes := c.Profile.Routes(a)
	if !c.Profile.Pages {
		return routes, nil
	}
	p, err := c.pages(a)
	if err != nil {
		return nil, err
	}
	a.Page = p.Refuse
	return append(routes, p.Routes()...), nil
}

// challenges are what those are asked for who are refused because of err. Those of sessions are for
// programs that expect some (RFC 9110, section 15.5.2); classic has none.
func challenges(c Config, err error) []string {
	if c.Profile.NoChallenges {
		return nil
	}
	var found []string
	for _, authenticator := range c.Authenticators {
		if challenge := authenticator.Challenge(err); challenge != "" {
			found = append(found, challenge)
		}
	}
	if found == nil {
		found = []string{api.SessionChallenge}
	}
	return found
}

// route notes which route a request is for, before anything can refuse it. Logs name the route in
// place of a path that may hold a secret.
func route(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = patternOf(mux, r)
		next.ServeHTTP(w, r)
	})
}

// patternOf returns the route that a request is for.
func patternOf(mux *http.ServeMux, r *http.Request) string {
	_, pattern := mux.Handler(r)
	return strings.TrimSuffix(pattern, "/{$}")
}

// oneSlash makes an escaped slash at the end of the path a plain one, before anybody reads the
// path, so that the gate and the routes see the same.
func oneSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if raw := r.URL.RawPath; strings.HasSuffix(raw, "%2F") || strings.HasSuffix(raw, "%2f") {
			url, request := *r.URL, *r
			url.RawPath = raw[:len(raw)-len("%2F")] + "/"
			if url.RawPath == url.Path {
				url.RawPath = ""
			}
			request.URL = &url
			r = &request
		}
		next.ServeHTTP(w, r)
	})
}

// origins lets the profile add its headers for pages of other origins to what the JSON interface
// answers.
func origins(c Config, next http.Handler) http.Handler {
	if c.Profile.Origins == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, c.Prefix+api.Prefix) {
			c.Profile.Origins(w, r)
		}
		next.ServeHTTP(w, r)
	})
}

// maxBody is how many bytes the body of a request may have.
const maxBody = 64 << 10

// limit refuses a body that is too long, before it is read if its length is told. What services send has whole sessions
// in it, with their data.
func limit(a *api.API, services string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maxBody := int64(maxBody)
		if strings.HasPrefix(r.Pattern, services) {
			maxBody = nodeapi.MaxBody
		}
		if r.ContentLength > maxBody {
			w.Header().Set("Connection", "close") // rather than reading all of it
			a.TurnAway(w, r, api.TooLarge)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
