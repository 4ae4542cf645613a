package forward

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/handstamp/handstamp"
)

// A Proxy is the kind of proxy that asks, by the headers in which it tells of the original request. Only those are
// read.
type Proxy string

// The kinds of proxies.
const (
	// Auto takes whichever kind of headers a request has, and refuses one that has two.
	Auto Proxy = "auto"

	// X-Original-Method, and either X-Original-URL or X-Original-Host and X-Original-URI, with X-Original-Proto or
	// without it. It is what our configurations of these three send.
	Nginx   Proxy = "nginx"
	HAProxy Proxy = "haproxy"
	Apache  Proxy = "apache"

	// X-Forwarded-Method, X-Forwarded-Host and X-Forwarded-Uri, with X-Forwarded-Proto or without it.
	Traefik Proxy = "traefik"
	Caddy   Proxy = "caddy"

	// The original method and Host, and the original URI behind the path "/envoy" of the handler, with
	// X-Forwarded-Proto or without it (ext_authz over HTTP).
	Envoy Proxy = "envoy"
)

// family is what a Proxy comes down to.
type family int

const (
	unknown family = iota
	byOriginal
	byForwarded
	byPath
)

var families = map[Proxy]family{
	Auto: unknown, "": unknown,
	Nginx: byOriginal, HAProxy: byOriginal, Apache: byOriginal,
	Traefik: byForwarded, Caddy: byForwarded,
	Envoy: byPath,
}

// The headers of the families, by their canonical names.
const (
	originalMethod = "X-Original-Method"
	originalURL    = "X-Original-Url"
	originalURI    = "X-Original-Uri"
	originalHost   = "X-Original-Host"
	originalProto  = "X-Original-Proto"

	forwardedMethod = "X-Forwarded-Method"
	forwardedURI    = "X-Forwarded-Uri"
	forwardedHost   = "X-Forwarded-Host"
	forwardedProto  = "X-Forwarded-Proto"
)

// What is wrong with how a proxy asks.
var (
	errNone     = unreadable("the proxy has sent none of the headers that tell of it")
	errTwo      = unreadable("there are headers of two kinds of proxies; set forward-proxy to the one in use")
	errTwoForms = unreadable("there are both X-Original-URL and X-Original-Host or X-Original-URI")
	errURL      = unreadable("X-Original-URL is not http:// or https://, a host and a path")
	errDetour   = unreadable("its path, behind that for Envoy, may be read in two ways; set forward-proxy to envoy if that is who asks")
	errOther    = unreadable("it came in another way than that of the kind of proxy that is set")
)

// askedBy returns what the proxy asks about, and how it has asked. behind is what follows the path of the handler
// and "/envoy", or "" for a request to the path itself. scheme is what counts where the proxy does not say.
func (p Proxy) askedBy(r *http.Request, behind, scheme string) (Asked, family, error) {
	way := families[p]
	if way == unknown {
		var err error
		if way, err = familyOf(r.Header, behind); err != nil {
			return Asked{}, way, err
		}
	}
	if (way == byPath) != (behind != "") {
		return Asked{}, way, errOther
	}
	if path, _, _ := strings.Cut(behind, "?"); p != Envoy && way == byPath && !handstamp.IsCanonicalPath(path) {
		return Asked{}, way, errDetour
	}
	var a Asked
	var err error
	switch way {
	case byOriginal:
		a, err = readOriginal(r.Header, scheme)
	case byForwarded:
		a, err = readForwarded(r.Header, scheme)
	default:
		a = Asked{Method: r.Method, Host: r.Host, URI: behind}
		a.Scheme, err = schemeOf(r.Header, forwardedProto, scheme)
	}
	return a, way, err
}

// familyOf returns the one family of which there are headers. The scheme is no sign of any: every proxy may say it.
func familyOf(header http.Header, behind string) (family, error) {
	has := func(names ...string) bool {
		for _, name := range names {
			if len(header[name]) > 0 {
				return true
			}
		}
		return false
	}
	original := has(originalMethod, originalURL, originalURI, originalHost)
	forwarded := has(forwardedMethod, forwardedURI, forwardedHost)
	switch {
	case behind != "" && (original || has(forwardedMethod, forwardedURI)), original && forwarded:
		return unknown, errTwo
	case behind != "":
		return byPath, nil
	case original:
		return byOriginal, nil
	case forwarded:
		return byForwarded, nil
	default:
		return unknown, errNone
	}
}

func readOriginal(header http.Header, scheme string) (a Asked, err error) {
	if a.Method, err = one(header, originalMethod); err != nil {
		return Asked{}, err
	}
	if a.Scheme, err = schemeOf(header, originalProto, scheme); err != nil {
		return Asked{}, err
	}
	if len(header[originalURL]) == 0 {
		if a.Host, err = one(header, originalHost); err != nil {
			return Asked{}, err
		}
		a.URI, err = one(header, originalURI)
		return a, err
	}
	if len(header[originalHost])+len(header[originalURI])+len(header[originalProto]) > 0 {
		return Asked{}, errTwoForms
	}
	whole, err := one(header, originalURL)
	if err != nil {
		return Asked{}, err
	}
	var rest string
	var isWhole bool
	a.Scheme, rest, isWhole = strings.Cut(whole, "://")
	path := strings.IndexByte(rest, '/')
	if !isWhole || path < 0 {
		return Asked{}, errURL
	}
	a.Host, a.URI = rest[:path], rest[path:]
	return a, nil
}

func readForwarded(header http.Header, scheme string) (a Asked, err error) {
	if a.Method, err = one(header, forwardedMethod); err != nil {
		return Asked{}, err
	}
	if a.Host, err = one(header, forwardedHost); err != nil {
		return Asked{}, err
	}
	if a.URI, err = one(header, forwardedURI); err != nil {
		return Asked{}, err
	}
	a.Scheme, err = schemeOf(header, forwardedProto, scheme)
	return a, err
}

// schemeOf returns the scheme that a header names, or fallback where there is none. Traefik calls those of
// web sockets by names of their own.
func schemeOf(header http.Header, name, fallback string) (string, error) {
	if len(header[name]) == 0 {
		return fallback, nil
	}
	scheme, err := one(header, name)
	switch scheme {
	case "ws":
		return "http", err
	case "wss":
		return "https", err
	}
	return scheme, err
}

// one returns the value of a header that has to be there exactly once.
func one(header http.Header, name string) (string, error) {
	switch values := header[name]; {
	case len(values) > 1:
		return "", unreadable(name + " is there more than once")
	case len(values) == 0 || values[0] == "":
		return "", unreadable(name + " is missing")
	default:
		return values[0], nil
	}
}

// check returns what is wrong with p.
func (p Proxy) check() error {
	if _, known := families[p]; !known {
		return fmt.Errorf("forward-auth: %q is no kind of proxy", string(p))
	}
	return nil
}
