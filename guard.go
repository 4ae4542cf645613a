package handstamp

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// A Guard stands in front of handlers and lets a request pass when one of its Authenticators
// says who is asking and every Policy agrees. Set the fields before the first request; after
// that a Guard is safe for concurrent use.
type Guard struct {
	// Public names the paths that need no credential: exact paths, where a final slash does
	// not matter ("/login"), and prefixes that end in a star ("/static/*"). A request is public
	// only if it spells its path the canonical way; every other spelling is protected. Where a
	// policy is required, no path is public.
	Public []string

	// Refuse writes the answer to a request that may not pass; [StatusOf] gives the status
	// that err means. When nil, the Guard answers in plain text, with a challenge for each
	// Authenticator that has one, and logs what was broken.
	Refuse func(w http.ResponseWriter, r *http.Request, err error)

	authenticators []Authenticator
}

// NewGuard returns a Guard that asks authenticators in turn until one of them knows who is
// asking. Without any it refuses every request that is not public.
func NewGuard(authenticators ...Authenticator) *Guard {
	return &Guard{authenticators: authenticators}
}

// errNobody is a bug in an Authenticator: it said yes, and named nobody.
var errNobody = errors.New("authenticator accepted a request without saying who is asking")

// Identify says who is asking, whether the path is public or not. Its errors wrap
// [ErrBadCredential] if any credential was refused, [ErrNoCredential] if there was none; any
// other error means that an Authenticator is broken. It does not allocate.
//
// A broken Authenticator ends the search: the next one might say "no credential", and 401 would
// be a lie.
func (g *Guard) Identify(r *http.Request) (Identity, error) {
	answer := ErrNoCredential
	for _, a := range g.authenticators {
		who, err := a.Authenticate(r)
		switch {
		case err == nil && who.IsZero():
			return Identity{}, errNobody
		case err == nil:
			return who, nil
		case errors.Is(err, ErrNoCredential):
		case errors.Is(err, ErrBadCredential):
			answer = err
		default:
			return Identity{}, err
		}
	}
	return Identity{}, answer
}

// Require returns middleware that lets a request pass to next when it is known who is asking and
// every one of policies agrees; without policies, also when its path is public. Behind it [From]
// gives the Identity, except on a public path. Inside of another Require of the same Guard it does
// not ask again who it is.
func (g *Guard) Require(policies ...Policy) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(policies) == 0 && isPublic(g.Public, r.URL) {
				next.ServeHTTP(w, r)
				return
			}
			who, known := identifiedBy(r.Context(), g)
			var err error
			if !known {
				who, err = g.Identify(r)
			}
			for _, policy := range policies {
				if err != nil {
					break
				}
				err = policy(r.Context(), who)
			}
			if err != nil {
				g.refuse(w, r, err)
				return
			}
			if !known {
				r = r.WithContext(&identified{Context: r.Context(), who: who, by: g})
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if g.Refuse != nil {
		g.Refuse(w, r, err)
		return
	}
	status := StatusOf(err)
	header := w.Header()
	switch status {
	case http.StatusUnauthorized:
		for _, a := range g.authenticators {
			if challenge := a.Challenge(err); challenge != "" {
				header.Add("WWW-Authenticate", challenge)
			}
		}
	case http.StatusTooManyRequests:
		header.Set("Retry-After", retryAfter(err))
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", "1")
		if r.Context().Err() == nil { // else the client is gone, and nothing is broken
			slog.ErrorContext(r.Context(), "cannot tell who is asking", "error", err)
		}
	}
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(http.StatusText(status)))
}

// retryAfter returns when to come back after err, in whole seconds (RFC 9110, section 10.2.3).
func retryAfter(err error) string {
	var known interface{ RetryIn() time.Duration }
	if !errors.As(err, &known) {
		return "1"
	}
	return strconv.Itoa(max(1, int((known.RetryIn()+time.Second-1)/time.Second)))
}
