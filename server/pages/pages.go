// Package pages is what people see in a browser: sign in and out, their account, and the pages of
// administrators. They are plain HTML, need no script, and load nothing from elsewhere.
//
// A page does what the JSON interface does, by the same functions of package api, and says in the
// reader's language how that went. What is its own is what browsers need: forms that only this site can
// have made, a way back to where somebody came from, a question for the password before what a stolen
// session must not do, and errors as pages.
package pages

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/handstamp/handstamp/internal/returnurl"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/pages/assets"
	"github.com/handstamp/handstamp/server/pages/look"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// A Config is what the pages are made of.
type Config struct {
	// API does what the pages ask for.
	API *api.API

	// SignIn says that sessions of API.Sessions are accepted. Without it nobody can sign in to a page, and those
	// of links are all that there are.
	SignIn bool

	// PublicURL is the site as browsers know it, and ReturnOrigins are the other ones to which a
	// login may lead back.
	PublicURL     *url.URL
	ReturnOrigins []string

	// Home is the path to which a login leads of which nobody has said where to; empty for the account. Where there is
	// one, what is no route belongs to an app.
	Home string

	// Look is how the app presents itself, and Texts are its words; nil for ours.
	Look  look.Look
	Texts *texts.Catalogues

	// FormKey is what forms are signed with; nil for a key of this process.
	FormKey []byte

	// Node tells administrators about the process that answers; nil for nothing.
	Node func(ctx context.Context) Node
}

// Pages answers the routes of the pages. It is safe for concurrent use.
type Pages struct {
	api      *api.API
	returns  returnurl.Rules
	texts    *texts.Catalogues
	brand    brand
	tokens   formTokens
	insecure bool
	signIn   bool
	home     string
	isBefore bool // an app
	node     func(ctx context.Context) Node
	files    *assets.Set
	patterns map[string]bool // of the pages, as mux knows them
}

// New returns the pages of c. The error says what is wrong with it.
func New(c Config) (*Pages, error) {
	p := &Pages{
		api:      c.API,
		returns:  returnurl.Rules{Own: c.PublicURL, Origins: c.ReturnOrigins},
		texts:    c.Texts,
		tokens:   formTokens{key: c.FormKey},
		insecure: c.PublicURL.Scheme != "https",
		signIn:   c.SignIn,
		home:     cmp.Or(c.Home, c.API.Base+accountPath),
		isBefore: c.Home != "",
		node:     c.Node,
	}
	if err := p.returns.Check(); err != nil {
		return nil, err
	}
	if err := c.Look.Check(); err != nil {
		return nil, fmt.Errorf("look: %w", err)
	}
	if c.FormKey != nil && len(c.FormKey) < minFormKey {
		return nil, fmt.Errorf("form key: it has %d bytes, and must have at least %d", len(c.FormKey), minFormKey)
	}
	if p.texts == nil {
		p.texts = texts.Default()
	}
	if p.tokens.key == nil {
		p.tokens.key = make([]byte, minFormKey)
		_, _ = rand.Read(p.tokens.key) // never fails
	}
	p.present(c.Look)
	p.patterns = make(map[string]bool)
	for _, route := range p.Routes() {
		p.patterns[c.API.Base+route.Path] = true
	}
	return p, nil
}

// Routes returns the table of pages. Those of a server without sessions, or whose sessions nobody
// accepts, only set it up.
func (p *Pages) Routes() []api.Route {
	routes := slices.Concat(p.linkRoutes(), p.assetRoutes())
	if !p.signIn {
		return routes
	}
	routes = slices.Concat(routes, p.doorRoutes(), p.accountRoutes(), p.adminRoutes())
	if p.isBefore && p.home == p.api.Base+"/" {
		return routes
	}
	return append(routes, api.Route{Path: "/{$}", Methods: map[string]api.Method{
		http.MethodGet: p.page(api.Public, "", backTo(toAccount)),
	}})
}
