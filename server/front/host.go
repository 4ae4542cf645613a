package front

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

var (
	otherHost = &refusal{http.StatusMisdirectedRequest, "unknown_host", "This server is not known under this host"}
	badTarget = &refusal{http.StatusBadRequest, "bad_target", "The request's target is malformed"}
)

// loopback is how a machine calls itself.
var loopback = []string{"localhost", "127.0.0.1", "::1"}

// hostsFor returns the names under which the server answers.
func hostsFor(public *url.URL, others []string) (map[string]bool, error) {
	names := append([]string{public.Hostname()}, others...)
	if a, err := netip.ParseAddr(names[0]); names[0] == "localhost" || err == nil && a.IsLoopback() {
		names = append(names, loopback...)
	}
	hosts := make(map[string]bool, len(names))
	for _, name := range names {
		if _, err := netip.ParseAddr(name); name == "" || err != nil && strings.ContainsAny(name, ":/[]@ ") {
			return nil, fmt.Errorf("host %q: want a name or an address, without port", name)
		}
		hosts[strings.ToLower(name)] = true
	}
	return hosts, nil
}

// judgeHost refuses requests for other hosts, so that a name that somebody else has made to point
// here (DNS rebinding) is not this site. The port does not matter: proxies leave it out or add
// theirs, and no link is built from it. A target in absolute form (RFC 9112, section 3.2.2) is where
// net/http takes the host from, so it is checked as any other.
func (f *front) judgeHost(r *http.Request) *refusal {
	u := r.URL
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return badTarget
	}
	if u.Host == "" && u.RawPath == "" && slices.Contains(f.Probes, u.Path) {
		return nil
	}
	name := (&url.URL{Host: r.Host}).Hostname()
	if !f.hosts[strings.ToLower(name)] {
		return otherHost
	}
	return nil
}
