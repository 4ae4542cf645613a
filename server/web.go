package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/forward"
	"github.com/handstamp/handstamp/server/front"
)

// A Web says how the server is reached. The product needs one; classic has none.
type Web struct {
	// PublicURL is what browsers use: scheme, host and perhaps a port.
	PublicURL *url.URL

	// Hosts are names under which the server is reached besides that of PublicURL, without port.
	Hosts []string

	// Origins are those whose pages may call the JSON interface with their visitor's cookie.
	Origins []string

	// TrustedProxies are the networks of proxies that say truly for whom they ask, in the header
	// ProxyHeader: "x-forwarded-for", "forwarded" or "x-real-ip". TrustSocket trusts what comes
	// through a Unix socket.
	TrustedProxies []netip.Prefix
	ProxyHeader    string
	TrustSocket    bool
}

// clients returns what finds the address of clients.
func (web *Web) clients() (clientaddr.Finder, error) {
	finder := clientaddr.Finder{}
	if web == nil {
		return finder, nil
	}
	finder.Trusted, finder.TrustSocket = web.TrustedProxies, web.TrustSocket
	if web.ProxyHeader != "" {
		if err := finder.Header.UnmarshalText([]byte(web.ProxyHeader)); err != nil {
			return finder, fmt.Errorf("proxy header: %w", err)
		}
	}
	return finder, nil
}

// front returns what stands in front of every request. verify answers proxies, and isApps says which requests are for the app
// behind; nil for none.
func (c Config) front(a *api.API, clients clientaddr.Finder, verify *forward.Handler, isApps func(r *http.Request) bool) (func(http.Handler) http.Handler, error) {
	if c.Web == nil {
		return func(next http.Handler) http.Handler { return next }, nil
	}
	cookie := "session"
	if c.Sessions != nil {
		cookie = c.Sessions.Cookie.SentName()
	}
	return front.New(front.Config{
		PublicURL:     c.Web.PublicURL,
		Hosts:         c.Web.Hosts,
		Probes:        c.probes(),
		Origins:       c.Web.Origins,
		OriginPaths:   []string{c.Prefix + api.Prefix + "/"},
		Clients:       clients,
		Aside:         aside(c.Prefix+verifyPath, verify),
		SessionCookie: cookie,
		IsOthers:      isApps,
		Ambiguous: func(r *http.Request) {
			c.Notify.Hear(r.Context(), handstamp.NewEvent(r.Context(), handstamp.ActionCookieAmbiguous).Failed("more than one session cookie"))
		},
		Refuse: func(w http.ResponseWriter, r *http.Request, status int, code, message string) {
			a.TurnAway(w, r, api.Problem{Status: status, Code: code, Message: message})
		},
	})
}
