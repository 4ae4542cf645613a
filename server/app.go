package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/forward"
	"github.com/handstamp/handstamp/server/gate"
	"github.com/handstamp/handstamp/server/pages"
	"github.com/handstamp/handstamp/session"
)

// forApp returns what reports whether a request is for the app behind, by the route that it is for. "OPTIONS *" is about
// the server, and so are the paths of probes, which are answered under whatever host.
func (c Config) forApp() func(r *http.Request, pattern string) bool {
	probes := c.probes()
	return func(r *http.Request, pattern string) bool {
		return pattern == "/" && strings.HasPrefix(r.URL.Path, "/") && !slices.Contains(probes, r.URL.Path)
	}
}

// before passes on to app what is for it, and else to own.
func (c Config) before(app, own http.Handler) http.Handler {
	isForApp := c.forApp()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isForApp(r, r.Pattern) {
			app.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// gate returns what stands in front of the app.
func (c Config) gate(a *api.API, guard *handstamp.Guard, judge *forward.Judge) http.Handler {
	settings := gate.Config{
		Upstream: c.Upstream,
		Decide:   c.decide(judge),
		Alive:    c.alive(guard),
		Scheme:   c.Web.PublicURL.Scheme,
		Cookies:  c.cookies(),
		SameSite: http.NewCrossOriginProtection(),
		Refuse:   c.turnAwayFromApp(a),
		Log:      c.Log,
	}
	public := c.Web.PublicURL
	for _, origin := range append([]string{public.Scheme + "://" + public.Host}, c.Web.Origins...) {
		if err := settings.SameSite.AddTrustedOrigin(origin); err != nil {
			panic(err) // package front has found them good
		}
	}
	return gate.New(settings)
}

// cookies returns the names of the cookies that are for nobody but the server.
func (c Config) cookies() []string {
	names := []string{pages.VisitorCookie(c.Web.PublicURL.Scheme != "https")}
	if c.Sessions != nil {
		names = append(names, c.Sessions.Cookie.SentName())
	}
	if c.People.Devices != nil {
		names = append(names, c.People.Devices.CookieName())
	}
	return names
}

// decide asks the judge about a request as it came here: who is in front of an app is a proxy.
func (c Config) decide(judge *forward.Judge) func(r *http.Request, target string) gate.Verdict {
	return func(r *http.Request, target string) gate.Verdict {
		v := gate.Verdict(judge.Decide(r, forward.Asked{Method: r.Method, Scheme: c.Web.PublicURL.Scheme, Host: r.Host, URI: target}))
		if v.Status == http.StatusUnauthorized {
			v.Login = "" // our own pages know the way from here
		}
		return v
	}
}

// alive says who is asking in a request to the app that is still open.
func (c Config) alive(guard *handstamp.Guard) func(r *http.Request, used bool) (handstamp.Identity, error) {
	hasSessions := c.acceptsSessions()
	return func(r *http.Request, used bool) (handstamp.Identity, error) {
		if token, ok := sessionToken(c.Sessions, r); ok && hasSessions && !used {
			s, err := c.Sessions.Peek(r.Context(), token)
			if err == nil {
				return s.Identity(handstamp.MethodSession), nil
			}
			if !errors.Is(err, session.ErrGone) {
				return handstamp.Identity{}, err
			}
		}
		return guard.Identify(r)
	}
}

func sessionToken(sessions *session.Manager, r *http.Request) (session.Token, bool) {
	if sessions == nil {
		return "", false
	}
	return sessions.TokenOf(r)
}

// appProblems are what the errors of a gate say to a client.
var appProblems = []struct {
	err   error
	means api.Problem
}{
	{gate.ErrTarget, api.BadTarget},
	{gate.ErrMethod, api.MethodNotAllowed},
	{gate.ErrCrossSite, api.CrossSite},
	{gate.ErrBody, api.BadBody},
	{gate.ErrBusy, api.UpstreamBusy},
	{gate.ErrDown, api.UpstreamDown},
	{gate.ErrSlow, api.UpstreamSlow},
}

// turnAwayFromApp answers in the place of the app.
func (c Config) turnAwayFromApp(a *api.API) func(w http.ResponseWriter, r *http.Request, v gate.Verdict) {
	return func(w http.ResponseWriter, r *http.Request, v gate.Verdict) {
		if v.Login != "" {
			w.Header().Set("Location", v.Login)
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		problem := c.Profile.Refusal(r, v.Err)
		if v.Status == http.StatusBadRequest {
			problem = api.BadTarget
		}
		for _, known := range appProblems {
			if errors.Is(v.Err, known.err) {
				problem = known.means
			}
		}
		if problem.Status >= http.StatusInternalServerError {
			a.LogFailure(r, "cannot pass on to the app", v.Err)
		}
		a.TurnAway(w, r, problem)
	}
}
