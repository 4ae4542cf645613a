package forward

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/handstamp/handstamp"
)

// ErrNotTrusted means that somebody asks who is no proxy that is trusted (403). What he says about an original
// request is worth nothing, and the answer would be worth much to him.
var ErrNotTrusted = errors.New("only a trusted proxy may ask here: set trusted-proxies to the address from which yours connects")

// A Handler answers proxies that ask whether a request may pass: 200 with the headers of the identity; 302 to a page
// for browsers that somebody could sign in with; 400, 401, 403, 429 or 503. Every answer has all of the headers, so
// that a proxy which copies them overwrites what a client has sent.
//
// A proxy that sends X-Original-… can do no more with an answer than tell 2xx, 401 and 403 apart. So it is told 401, and in
// X-Auth-Redirect where to send the browser; that is empty for programs.
//
// It reads no body, and its answers are for nobody else and not for later.
type Handler struct {
	Judge *Judge
	Proxy Proxy

	// Path is where it stands, such as "/verify". Below "/envoy" of it stands what Envoy asks about.
	Path string

	// Scheme is what the original scheme is where a proxy does not say it, "http" or "https".
	Scheme string

	// Trusted reports whether a request comes from a proxy that is trusted.
	Trusted func(r *http.Request) bool

	// Refuse answers what err means to a program. It keeps the headers that are there.
	Refuse func(w http.ResponseWriter, r *http.Request, err error)

	// Broken hears of what is broken.
	Broken func(r *http.Request, err error)

	// Log receives a line for each request that cannot be read, or comes from somebody who is not trusted.
	Log *slog.Logger
}

// Check returns what is wrong with h.
func (h *Handler) Check() error {
	if h.Judge == nil || h.Trusted == nil || h.Refuse == nil || h.Broken == nil || h.Log == nil {
		return errors.New("forward-auth: a part is missing")
	}
	return h.Proxy.check()
}

const envoyPath = "/envoy"

// Answers reports whether h is who answers a request: for whatever host, and by whatever method. Proxies write the path
// in one way. In any other it is a client's, who wants past a proxy that keeps this path to itself.
func (h *Handler) Answers(r *http.Request) bool {
	if !strings.HasPrefix(r.URL.EscapedPath(), h.Path) {
		return false
	}
	after, ok := strings.CutPrefix(r.URL.Path, h.Path)
	return ok && (after == "" || after == "/" || strings.HasPrefix(after, envoyPath+"/"))
}

// These are shared by all answers.
var (
	noStore = []string{"no-store"}
	vary    = []string{"Cookie, Authorization, Accept, Sec-Fetch-Mode"}
)

const redirectHeader = "X-Auth-Redirect"

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["Cache-Control"], header["Vary"] = noStore, vary
	if !h.Trusted(r) {
		nobody.writeTo(header)
		h.refuse(w, r, ErrNotTrusted)
		return
	}
	asked, way, err := h.Proxy.askedBy(r, h.behind(r), h.Scheme)
	if way == byOriginal {
		header[redirectHeader] = nothing
	}
	if err != nil {
		nobody.writeTo(header)
		h.refuse(w, r, err)
		return
	}
	verdict := h.Judge.decide(r, asked, header)
	switch {
	case verdict.Status == http.StatusOK:
		if verdict.Err != nil && r.Context().Err() == nil {
			h.Broken(r, verdict.Err)
		}
		w.WriteHeader(http.StatusOK)
	case verdict.Login == "":
		h.refuse(w, r, verdict.Err)
	case way == byOriginal:
		header[redirectHeader] = []string{verdict.Login}
		h.Refuse(w, r, handstamp.ErrNoCredential)
	default:
		header.Set("Location", verdict.Login)
		w.WriteHeader(http.StatusFound)
	}
}

// refuse answers with an error, and tells of it.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, ErrAsked), errors.Is(err, ErrNotTrusted):
		h.Log.WarnContext(r.Context(), "forward-auth refused", "error.message", err.Error())
	case handstamp.StatusOf(err) == http.StatusServiceUnavailable && r.Context().Err() == nil:
		h.Broken(r, err)
	}
	h.Refuse(w, r, err)
}

// behind returns what stands on the wire behind the path for Envoy, or "".
func (h *Handler) behind(r *http.Request) string {
	if len(r.URL.Path) <= len(h.Path)+len("/") { // that of everybody else
		return ""
	}
	behind, ok := strings.CutPrefix(r.RequestURI, h.Path+envoyPath)
	if !ok { // the path was spelled in another way, and what follows begins who knows where
		return "?"
	}
	return behind
}
