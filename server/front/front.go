// Package front is what stands in front of every request to the product, before anybody asks who
// it comes from. It sets the headers that make answers safe in a browser and in a cache, and
// refuses what is too large, what two readers may read differently, what is meant for another
// host, what came through a proxy that cannot be understood, and what a page of another site sends
// in its visitor's name.
//
// The rules are the same for every route, so no route can forget them. Every header stands on
// refusals, too; only what net/http refuses by itself, before there is a request, goes without.
package front

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/handstamp/handstamp/internal/clientaddr"
)

// A Config says what a server is to its browsers.
type Config struct {
	// PublicURL is what browsers use: scheme and host, with a port if it is not the scheme's.
	PublicURL *url.URL

	// Hosts are names under which the server is reached besides that of PublicURL, without port.
	Hosts []string

	// Probes are the paths that a load balancer, or what watches the server, asks under whatever host.
	Probes []string

	// Origins are those whose pages may use, with their visitor's credentials, the paths that
	// begin with OriginPaths, such as "/api/v1/". Each is written as browsers send it.
	Origins     []string
	OriginPaths []string

	// Clients reads what trusted proxies say; a request that it cannot read is refused.
	Clients clientaddr.Finder

	// Aside, if there is one, returns who answers a request in place of all that is behind, or nil. Such requests may be
	// for any host and say whatever a browser has told a proxy, whose word they are: neither host nor site are
	// judged, and no header of ours is on the answers. Sizes are judged, and what the proxy says about the client.
	Aside func(r *http.Request) http.Handler

	// SessionCookie is the name of the session cookie.
	SessionCookie string

	// IsOthers, if there is one, says which requests are for somebody behind the server, who judges by himself what
	// pages of other sites may send there.
	IsOthers func(r *http.Request) bool

	// Ambiguous, if there is one, hears of a request with more than one session cookie: somebody
	// may have planted the other. The request goes on, and has none.
	Ambiguous func(r *http.Request)

	// Refuse answers a request that may not pass. It keeps the headers that are there. Whoever has too many cookies
	// deletes them in the browser: the answer must not. Clear-Site-Data would sign people out of every site of the
	// domain, at the word of whoever planted the cookies, and a cookie of which the domain and path are not known
	// cannot be taken back.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, code, message string)
}

// A refusal is why a request may not pass.
type refusal struct {
	status        int
	code, message string
}

// front is a Config, made ready.
type front struct {
	Config
	headers []field
	hosts   map[string]bool
	cors    origins
	own     *http.CrossOriginProtection // for every path
	shared  *http.CrossOriginProtection // for those that other origins may use
}

// New returns the middleware. The error says what is wrong with the configuration.
func New(c Config) (func(next http.Handler) http.Handler, error) {
	u := c.PublicURL
	switch {
	case u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("public URL %q: want http:// or https:// and a host", u)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return nil, errors.New("public URL: want nothing but a scheme, a host and a port")
	case c.Refuse == nil || c.SessionCookie == "":
		return nil, errors.New("nothing to refuse with, or no name of the session cookie")
	case len(c.Origins) > 0 && len(c.OriginPaths) == 0:
		return nil, errors.New("there are origins, but no paths for them")
	}
	hosts, err := hostsFor(u, c.Hosts)
	if err != nil {
		return nil, err
	}
	f := &front{
		Config:  c,
		headers: headersFor(u.Scheme == "https", len(c.Origins) > 0),
		hosts:   hosts,
		cors:    make(origins),
		own:     http.NewCrossOriginProtection(),
		shared:  http.NewCrossOriginProtection(),
	}
	// A proxy may ask under another host than the browser did.
	own := originOf(u)
	for _, protection := range []*http.CrossOriginProtection{f.own, f.shared} {
		if err := protection.AddTrustedOrigin(own); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	for _, origin := range c.Origins {
		if err := f.cors.add(origin); err != nil {
			return nil, err
		}
		if err := f.shared.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("origin: %w", err)
		}
	}
	return f.wrap, nil
}

func (f *front) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.Aside != nil {
			if handler := f.Aside(r); handler != nil {
				f.aside(handler, w, r)
				return
			}
		}
		header := w.Header()
		f.setHeaders(header)
		origin := f.allowedOrigin(r)
		if origin != "" {
			allow(header, origin)
		}
		if why := f.judge(r); why != nil {
			f.Refuse(w, r, why.status, why.code, why.message)
			return
		}
		if origin != "" && isPreflight(r) {
			answerPreflight(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (f *front) setHeaders(header http.Header) {
	for _, h := range f.headers {
		header[h.name] = h.value
	}
}

// aside lets handler answer what may be asked under whatever host.
func (f *front) aside(handler http.Handler, w http.ResponseWriter, r *http.Request) {
	why := f.judgeSize(r)
	if why == nil {
		why = f.judgeClient(r)
	}
	if why != nil {
		f.setHeaders(w.Header())
		f.Refuse(w, r, why.status, why.code, why.message)
		return
	}
	handler.ServeHTTP(w, r)
}

// judge says why a request may not pass, or nothing.
func (f *front) judge(r *http.Request) *refusal {
	if why := f.judgeSize(r); why != nil {
		return why
	}
	if why := f.judgeHost(r); why != nil {
		return why
	}
	if why := f.judgeClient(r); why != nil {
		return why
	}
	return f.judgeSite(r)
}

// judgeClient refuses what came through a proxy that cannot be understood.
func (f *front) judgeClient(r *http.Request) *refusal {
	if _, err := f.Clients.Find(r); err != nil {
		return badForwarded
	}
	return nil
}

var badForwarded = &refusal{
	http.StatusBadRequest, "bad_forwarded_header", "A proxy's header about the client cannot be read",
}
