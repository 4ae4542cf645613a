package front

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var crossSite = &refusal{http.StatusForbidden, "cross_site", "Requests from other sites may not change anything here"}

// judgeSite refuses what a page of another site sends to change something.
func (f *front) judgeSite(r *http.Request) *refusal {
	protection := f.own
	if f.isShared(r.URL) {
		protection = f.shared
	}
	if protection.Check(r) == nil || f.IsOthers != nil && f.IsOthers(r) {
		return nil
	}
	return crossSite
}

// origins are those whose pages may use the server.
type origins map[string]bool

// add wants an origin as browsers write it: it is compared as it is.
func (o origins) add(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return fmt.Errorf("origin %q: want https:// and a host", origin)
	}
	if want := originOf(u); origin != want {
		return fmt.Errorf("origin %q: browsers write %s", origin, want)
	}
	o[origin] = true
	return nil
}

// originOf returns the origin of a URL as browsers write it (RFC 6454, section 6.2).
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; u.Port() != "" {
		host = strings.TrimSuffix(host, port)
	}
	return u.Scheme + "://" + strings.TrimSuffix(host, ":")
}

// isShared reports whether a path is for pages of other origins. Only the canonical spelling is.
func (f *front) isShared(u *url.URL) bool {
	return u.RawPath == "" && slices.ContainsFunc(f.OriginPaths, func(prefix string) bool {
		return strings.HasPrefix(u.Path, prefix)
	})
}

// allowedOrigin returns whose page asks, if it may read the answer.
func (f *front) allowedOrigin(r *http.Request) string {
	sent := r.Header["Origin"]
	if len(sent) != 1 || !f.cors[sent[0]] || !f.isShared(r.URL) {
		return ""
	}
	return sent[0]
}

// allow lets the page of an origin send credentials and read the answer (CORS).
func allow(header http.Header, origin string) {
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "ETag, Retry-After, WWW-Authenticate")
}

// isPreflight reports whether a browser asks what a page may send. It does so without credentials,
// so it must be answered before anybody asks for them.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

func answerPreflight(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "DELETE, GET, HEAD, PATCH, POST, PUT")
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match")
	header.Set("Access-Control-Max-Age", "600") // seconds
	w.WriteHeader(http.StatusNoContent)
}
