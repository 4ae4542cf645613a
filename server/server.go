package server

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

// Config is what a server is made of.
type Config struct {
	Profile Profile
	People  *account.Directory

	// Sessions begins and ends sessions; nil for a server without any.
	Sessions *session.Manager

	// Authenticators are the credentials that are accepted. Without any, nobody gets past the
	// public paths.
	Authenticators []handstamp.Authenticator

	// Open lets everybody pass everywhere, without asking who it is.
	Open bool

	// Log receives a line for each request, and the errors; nil for [slog.Default].
	Log *slog.Logger
}

// New returns the handler of the whole server.
func New(c Config) http.Handler {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	routes := &api.API{Style: c.Profile.API, People: c.People, Sessions: c.Sessions, Log: c.Log}
	if c.Sessions != nil {
		c.People.Attach(c.Sessions)
	}

	guard := handstamp.NewGuard(c.Authenticators...)
	table := routes.Routes()
	for _, route := range table {
		if route.Public {
			guard.Public = append(guard.Public, route.Path)
		}
	}
	if c.Open {
		guard.Public = []string{"*"}
	}
	guard.Refuse = func(w http.ResponseWriter, r *http.Request, err error) {
		problem := c.Profile.Refusal(r, err)
		if problem.Status >= http.StatusInternalServerError {
			routes.LogFailure(r, "cannot tell who is asking", err)
		}
		routes.Refuse(w, problem)
	}

	handler := guard.Require()(routes.Handler(table))
	handler = oneSlash(handler)
	handler = limit(routes, handler)
	handler = origins(c.Profile, handler)
	return observe(c.Profile, c.Log, handler)
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

// origins lets the profile add its headers for pages of other origins.
func origins(p Profile, next http.Handler) http.Handler {
	if p.Origins == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Origins(w, r)
		next.ServeHTTP(w, r)
	})
}

// maxBody is how many bytes the body of a request may have.
const maxBody = 64 << 10

// limit refuses a body that is too long, before it is read if its length is told.
func limit(routes *api.API, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > maxBody {
			w.Header().Set("Connection", "close") // rather than reading all of it
			routes.Refuse(w, api.TooLarge)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
