package server

import (
	"net/http"

	"github.com/handstamp/handstamp/server/api"
)

// takeOldCookies lets those in who come with a cookie of the system that their session was brought
// over from, on every route but that of proxies: these pass no cookie of an answer on to the browser, which is sent to
// the login page, where the old one is taken, and back.
func (c Config) takeOldCookies(a *api.API, next http.Handler) http.Handler {
	if c.OldCookie == nil {
		return next
	}
	refuse := func(w http.ResponseWriter, r *http.Request, err error) {
		a.LogFailure(r, "cannot take an old session cookie", err)
		a.TurnAway(w, r, c.Profile.Refusal(r, err))
	}
	return c.OldCookie.Exchange(next, refuse)
}
