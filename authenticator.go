package handstamp

import (
	"errors"
	"net/http"
)

// An Authenticator reads one kind of credential from a request. It has three answers:
//
//   - an Identity and a nil error: this is who is asking;
//   - an error that wraps [ErrNoCredential] or [ErrBadCredential]: the request carries no
//     credential of this kind, or one that is not good;
//   - any other error: the Authenticator is broken (its store is down, say) and nobody can tell
//     who is asking.
//
// The last one matters most: it becomes 503, never 401 and never 200.
type Authenticator interface {
	// Authenticate reads r's headers only, never its body. It is called by many goroutines
	// at once, and stops waiting when r's context is done.
	Authenticate(r *http.Request) (Identity, error)

	// Challenge returns the WWW-Authenticate value that asks for this kind of credential
	// (RFC 9110, section 11.6.1), or "" for a kind that browsers are not asked for. err is why
	// the request is refused, which some schemes tell.
	Challenge(err error) string
}

// What an Authenticator, a Guard or a Policy says when it does not say yes.
var (
	// ErrNoCredential means that the request carries no credential of the kind asked for.
	ErrNoCredential = errors.New("no credential")
	// ErrBadCredential means that there is a credential, and it is not good: unknown, wrong,
	// malformed, expired or revoked.
	ErrBadCredential = errors.New("credential refused")
	// ErrForbidden means that it is known who is asking, and that they may not.
	ErrForbidden = errors.New("forbidden")
	// ErrTooMany means that somebody tries too often. An error that wraps it and has the method
	// RetryIn() time.Duration says when to come back.
	ErrTooMany = errors.New("too many attempts")
)

// StatusOf returns the HTTP status that err means: 401 for [ErrNoCredential] and
// [ErrBadCredential], 403 for [ErrForbidden], 429 for [ErrTooMany], 200 for nil, and 503 for everything
// else.
func StatusOf(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrNoCredential), errors.Is(err, ErrBadCredential):
		return http.StatusUnauthorized
	case errors.Is(err, ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, ErrTooMany):
		return http.StatusTooManyRequests
	default:
		return http.StatusServiceUnavailable
	}
}
