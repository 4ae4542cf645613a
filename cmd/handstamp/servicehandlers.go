package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/forward"
)

// config returns what the handlers are made of.
func (s *service) config(now serveSettings) server.Config {
	c := server.Config{
		Profile:       server.Product(),
		People:        s.people,
		Sessions:      s.sessions,
		Tokens:        s.tokens,
		Clients:       s.clients,
		Relay:         s.relay,
		JWKS:          http.HandlerFunc(s.keys.ServeJWKS),
		OldCookie:     s.old,
		Audit:         s.audit,
		MayRegister:   func() bool { return s.settings.Load().Registration == "open" },
		Look:          now.look(),
		ReturnOrigins: originTexts(now.ReturnOrigins),
		FormKey:       s.formKey,
		Forward:       &server.Forward{Rules: now.Rules, Proxy: forward.Proxy(now.ForwardProxy), Upstream: s.tokens.ForUpstream},
		Web: &server.Web{
			PublicURL:      s.publicURL(),
			Origins:        originTexts(now.Origins),
			TrustedProxies: settings.Prefixes(now.TrustedProxies),
			ProxyHeader:    now.ProxyHeader,
		},
		Prefix:   string(now.PathPrefix),
		Upstream: s.upstream,
		Notify:   s.hear,
		Log:      s.log,
	}
	if slices.Contains(now.Credentials, credentialSession) {
		c.Authenticators = append(c.Authenticators, s.sessions)
	}
	if slices.Contains(now.Credentials, credentialBearer) {
		c.Authenticators = append(c.Authenticators, s.tokens)
	} else {
		c.Tokens = nil
	}
	if slices.Contains(now.Credentials, credentialBasic) {
		basic := s.people.Basic(now.Realm)
		basic.UTF8 = true
		c.Authenticators = append(c.Authenticators, basic)
	}
	return c
}

// rebuild makes the handlers of the present settings, and puts them in the place of those before.
func (s *service) rebuild() error {
	now := s.settings.Load()
	c := s.config(*now)
	var err error
	if c.Texts, err = now.catalogues(); err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	c.Operations = &server.Operations{
		Live: s.health.Live(), Ready: s.health.Ready(), Metrics: s.metrics.Handler(), Request: s.metrics.Request,
		Node: s.node,
	}
	if s.traces.id != nil {
		c.Operations.TraceID = func(r *http.Request) string { return s.traces.id(r.Context()) }
	}
	if now.OpsListen == "" {
		s.public.swap(s.traced(server.New(c)))
		return nil
	}
	operations := c
	operations.Part, operations.Upstream = server.ForOperate, nil
	web := *c.Web
	web.Hosts = append(web.Hosts, now.OpsListen.Hosts()...)
	operations.Web = &web
	c.Part = server.ForPublic
	s.public.swap(s.traced(server.New(c)))
	s.operations.swap(s.traced(server.New(operations)))
	return nil
}

func (s *service) traced(handler http.Handler) http.Handler {
	if s.traces.wrap == nil {
		return handler
	}
	return s.traces.wrap(handler)
}

// reload reads the settings again. After an error all is as it was.
func (s *service) reload(ctx context.Context) error {
	before := s.settings.Load()
	next, changed, restart, err := reloadServeSettings(*before, s.given, os.Environ())
	if err != nil {
		return err
	}
	s.settings.Store(&next.Values)
	if err := s.rebuild(); err != nil {
		s.settings.Store(before)
		return errors.Join(err, s.rebuild())
	}
	// What the reload says is in the log, be it that it quiets the log or wakes it.
	s.level.Set(min(s.level.Level(), next.Values.level()))
	defer s.level.Set(next.Values.level())
	s.log.InfoContext(ctx, "settings read again", "changed", strings.Join(changed, ", "))
	if len(restart) > 0 {
		s.log.WarnContext(ctx, "these settings have changed, and need a restart", "settings", strings.Join(restart, ", "))
	}
	return nil
}

// A swappable is a handler that can be replaced while it serves.
type swappable struct{ handler atomic.Pointer[http.Handler] }

func (s *swappable) swap(h http.Handler) { s.handler.Store(&h) }

// ServeHTTP implements [http.Handler].
func (s *swappable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*s.handler.Load()).ServeHTTP(w, r)
}
