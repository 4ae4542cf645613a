package gate

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
)

// A Config says what a gate does, and for which app. Without the contrary said, every field has to be set.
type Config struct {
	Upstream *Upstream

	// Decide says what becomes of a request. target is what the app would be sent: a path and a query, in the very
	// bytes. It is called by many goroutines at once.
	Decide func(r *http.Request, target string) Verdict

	// Alive says who is asking in a request that is still open, as an [handstamp.Authenticator] does. used says that the client
	// has sent something since the last time; what only listens is no use of a session.
	Alive func(r *http.Request, used bool) (handstamp.Identity, error)

	// Recheck is how often Alive is asked, and how long it may take; zero for [Recheck]. So whoever
	// is no longer let in is cut off after twice that at the latest.
	Recheck time.Duration

	// Scheme is what browsers speak to the server: "https" or "http".
	Scheme string

	// Cookies are the names of the server's own cookies.
	Cookies []string

	// SameSite judges requests that have somebody's identity and change something, or open a WebSocket; nil lets
	// them all pass. A webhook, which no browser sends, passes, and so does what comes from nobody to a public path: what a
	// cookie of the app's own is worth there, the app must know.
	SameSite *http.CrossOriginProtection

	// Refuse answers a request that may not pass, or that the app has not answered.
	Refuse func(w http.ResponseWriter, r *http.Request, v Verdict)

	// Log hears of what went wrong behind answers that have begun; nil for [slog.Default].
	Log *slog.Logger
}

// Recheck is how often a request that is still open is looked at again, unless a [Config] says otherwise.
const Recheck = 2 * time.Second

// New returns the handler of a gate. It expects that the address of the client is in the request's
// [handstamp.Origin], that the host was judged, and that no body is bounded yet.
func New(c Config) http.Handler {
	c.Recheck = cmp.Or(c.Recheck, Recheck)
	c.Log = cmp.Or(c.Log, slog.Default())
	g := &gate{Config: c}
	g.errors = slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn)
	return g
}

// ServeHTTP implements [http.Handler].
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, ok := targetOf(r)
	out, isSame := g.Upstream.urlOf(target)
	if !ok || !isSame {
		g.Refuse(w, r, Verdict{Status: http.StatusBadRequest, Err: ErrTarget})
		return
	}
	// CONNECT makes a tunnel, and TRACE would show a page what the app is told.
	if r.Method == http.MethodConnect || r.Method == http.MethodTrace {
		g.Refuse(w, r, Verdict{Status: http.StatusMethodNotAllowed, Err: ErrMethod})
		return
	}
	v := g.Decide(r, target)
	if v.mayPass() && !g.isSameSite(r, v) {
		v = Verdict{Status: http.StatusForbidden, Err: ErrCrossSite}
	}
	if !v.mayPass() {
		g.Refuse(w, r, v)
		return
	}
	if !g.Upstream.enter() {
		g.Refuse(w, r, Verdict{Status: http.StatusServiceUnavailable, Err: ErrBusy})
		return
	}
	defer g.Upstream.leave()
	newPassage(g, w, r, v, out).pass()
}

// isSameSite reports whether the request may do in its visitor's name what it does.
func (g *gate) isSameSite(r *http.Request, v Verdict) bool {
	if g.SameSite == nil || !v.isKnown() {
		return true
	}
	if isWebSocket(r.Header) { // a GET that reads and writes, and that no CORS holds back
		as := *r
		as.Method = http.MethodPost
		r = &as
	}
	return g.SameSite.Check(r) == nil
}
