package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/internal/returnurl"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/forward"
)

// A Forward is what a server answers proxies that ask, at /verify, whether a request for an app may pass. Only those
// that its [Web] trusts may ask.
type Forward struct {
	// Rules say by host and path who may pass, as [forward.ParseRules] reads them.
	Rules []string

	// Proxy is the kind of proxy that asks; empty for [forward.Auto].
	Proxy forward.Proxy

	// Upstream returns the token by which the app at an origin can see for itself who is asking; nil for no tokens. It is
	// called for each request that passes.
	Upstream func(ctx context.Context, who handstamp.Identity, audience string) (string, error)
}

const (
	// verifyPath is where proxies ask.
	verifyPath = "/verify"

	// The pages where browsers are sent to.
	loginPage   = "/login"
	confirmPage = "/confirm"
)

// judge returns what decides about requests for apps; nil where there are none.
func (c Config) judge(a *api.API) (*forward.Judge, error) {
	if c.Forward == nil && c.Upstream == nil {
		return nil, nil
	}
	if c.Web == nil || c.Web.PublicURL == nil {
		return nil, errors.New("apps behind a proxy without Config.Web and its PublicURL")
	}
	told := c.Forward
	if told == nil {
		told = &Forward{}
	}
	rules, err := forward.ParseRules(told.Rules)
	if err != nil {
		return nil, err
	}
	origins, err := c.returnOrigins()
	if err != nil {
		return nil, err
	}
	settings := forward.Config{
		Rules:    rules,
		Identify: a.Guard.Identify,
		FreshFor: cmp.Or(c.FreshFor, FreshFor),
		Email: func(ctx context.Context, user handstamp.ID) (string, error) {
			u, err := c.People.User(ctx, user)
			return u.Email, err
		},
		Upstream: told.Upstream,
		Returns:  returnurl.Rules{Own: c.Web.PublicURL, Origins: origins},
	}
	if c.Profile.Pages && c.acceptsSessions() {
		settings.Login = c.Web.PublicURL.JoinPath(c.Prefix, loginPage).String()
		settings.Confirm = c.Web.PublicURL.JoinPath(c.Prefix, confirmPage).String()
	}
	return forward.New(settings)
}

// verify returns what answers proxies; nil for nothing.
func (c Config) verify(a *api.API, clients clientaddr.Finder, judge *forward.Judge) (*forward.Handler, error) {
	if c.Forward == nil {
		return nil, nil
	}
	handler := &forward.Handler{
		Judge:   judge,
		Proxy:   c.Forward.Proxy,
		Path:    c.Prefix + verifyPath,
		Scheme:  c.Web.PublicURL.Scheme,
		Trusted: clients.IsProxy,
		Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
			problem := forwardProblem(err)
			if problem.Status == http.StatusUnauthorized {
				w.Header()["Www-Authenticate"] = challenges(c, err)
			}
			a.Refuse(w, problem)
		},
		Broken: func(r *http.Request, err error) { a.LogFailure(r, "cannot tell a proxy who is asking", err) },
		Log:    cmp.Or(c.Log, slog.Default()),
	}
	return handler, handler.Check()
}

// forwardProblem returns what is answered to a proxy that is told no.
func forwardProblem(err error) api.Problem {
	switch {
	case errors.Is(err, forward.ErrNotTrusted):
		return api.Problem{Status: http.StatusForbidden, Code: "proxy_not_trusted", Message: err.Error()}
	case errors.Is(err, forward.ErrAsked):
		return api.Problem{Status: http.StatusBadRequest, Code: "bad_forwarded_request", Message: err.Error()}
	default:
		return api.ProblemOf(err)
	}
}

// aside lets verify answer for whatever host. The log and the counts know those requests by their route.
func aside(pattern string, verify *forward.Handler) func(r *http.Request) http.Handler {
	return func(r *http.Request) http.Handler {
		if verify == nil || !verify.Answers(r) {
			return nil
		}
		r.Pattern = pattern
		return verify
	}
}
