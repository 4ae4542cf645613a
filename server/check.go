package server

import (
	"errors"
	"slices"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/pages"
	"github.com/handstamp/handstamp/session"
)

// Check returns what is wrong with c. [New] panics where there is something.
func (c Config) Check() error {
	if c.Profile.NeedsWeb && c.Web == nil {
		return errors.New("server without Config.Web")
	}
	clients, err := c.Web.clients()
	if err != nil {
		return err
	}
	if _, err := c.front(&api.API{}, clients); err != nil || !c.Profile.Pages {
		return err
	}
	_, err = c.pages(&api.API{})
	return err
}

// acceptsSessions reports whether somebody with a session of c.Sessions is let in.
func (c Config) acceptsSessions() bool {
	return c.Sessions != nil && slices.ContainsFunc(c.Authenticators, func(a handstamp.Authenticator) bool {
		sessions, ok := a.(*session.Manager)
		return ok && sessions == c.Sessions
	})
}

// pages returns what people see in a browser.
func (c Config) pages(a *api.API) (*pages.Pages, error) {
	settings := pages.Config{
		API:           a,
		SignIn:        c.acceptsSessions(),
		PublicURL:     c.Web.PublicURL,
		ReturnOrigins: c.ReturnOrigins,
		Look:          c.Look,
		Texts:         c.Texts,
		FormKey:       c.FormKey,
	}
	if c.Operations != nil {
		settings.Node = c.Operations.Node
	}
	return pages.New(settings)
}
