package server

import (
	"errors"
	"slices"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/forward"
	"github.com/handstamp/handstamp/server/pages"
	"github.com/handstamp/handstamp/session"
)

// Check returns what is wrong with c. [New] panics where there is something.
func (c Config) Check() error {
	if c.Profile.NeedsWeb && c.Web == nil {
		return errors.New("server without Config.Web")
	}
	if c.Upstream != nil && (c.Web == nil || c.Open) {
		return errors.New("server with Config.Upstream, and nothing in front of it")
	}
	clients, err := c.Web.clients()
	if err != nil {
		return err
	}
	a := &api.API{Guard: handstamp.NewGuard()}
	judge, err := c.judge(a)
	if err != nil {
		return err
	}
	verify, err := c.verify(a, clients, judge)
	if err != nil {
		return err
	}
	if _, err := c.front(a, clients, verify, nil); err != nil || !c.Profile.Pages {
		return err
	}
	_, err = c.pages(a)
	return err
}

// acceptsSessions reports whether somebody with a session of c.Sessions is let in.
func (c Config) acceptsSessions() bool {
	return c.Sessions != nil && slices.ContainsFunc(c.Authenticators, func(a handstamp.Authenticator) bool {
		sessions, ok := a.(*session.Manager)
		return ok && sessions == c.Sessions
	})
}

// returnOrigins are those to which a login may lead back.
func (c Config) returnOrigins() ([]string, error) {
	if c.Forward == nil {
		return c.ReturnOrigins, nil
	}
	rules, err := forward.ParseRules(c.Forward.Rules)
	if err != nil {
		return nil, err
	}
	return slices.Concat(c.ReturnOrigins, rules.Origins(c.Web.PublicURL)), nil
}

// pages returns what people see in a browser.
func (c Config) pages(a *api.API) (*pages.Pages, error) {
	origins, err := c.returnOrigins()
	if err != nil {
		return nil, err
	}
	settings := pages.Config{
		API:           a,
		SignIn:        c.acceptsSessions(),
		PublicURL:     c.Web.PublicURL,
		ReturnOrigins: origins,
		Look:          c.Look,
		Texts:         c.Texts,
		FormKey:       c.FormKey,
	}
	if c.Upstream != nil {
		settings.Home = "/" // the app
	}
	if c.Operations != nil {
		settings.Node = c.Operations.Node
	}
	return pages.New(settings)
}
