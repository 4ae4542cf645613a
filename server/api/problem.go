package api

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/throttle"
)

// A Problem is an answer that is not what was asked for. It is an error, so that whoever finds it
// can return it.
type Problem struct {
	Status     int           `json:"-"`
	Message    string        `json:"error"`          // for people
	Code       string        `json:"code,omitempty"` // for programs, and never changes; classic has none
	RetryAfter time.Duration `json:"-"`              // when to try again; zero for not at all
}

// Error implements error.
func (p Problem) Error() string { return p.Message }

// RetryAfterSeconds returns RetryAfter as the header of that name has it: in whole seconds, rounded
// up (RFC 9110, section 10.2.3).
func (p Problem) RetryAfterSeconds() int {
	return int((p.RetryAfter + time.Second - 1) / time.Second)
}

// because returns p with a message that says more.
func (p Problem) because(message string) Problem {
	p.Message = message
	return p
}

// retriedIn returns p with when to try again.
func (p Problem) retriedIn(wait time.Duration) Problem {
	p.RetryAfter = wait
	return p
}

// upstreamRetry is how long an app that does not answer is given, to be started again for example.
const upstreamRetry = 5 * time.Second

func problem(status int, code, message string) Problem {
	return Problem{Status: status, Code: code, Message: message}
}

// later returns a Problem of the server's that is going to pass.
func later(code, message string) Problem {
	return Problem{Status: http.StatusServiceUnavailable, Code: code, Message: message, RetryAfter: time.Second}
}

// The problems that the API knows. Status and code belong together; messages may say more.
var (
	Unauthorized = problem(http.StatusUnauthorized, "unauthorized", "Unauthorized")
	Forbidden    = problem(http.StatusForbidden, "forbidden", "Forbidden")
	TooLarge     = problem(http.StatusRequestEntityTooLarge, "request_too_large", "Request too large")
	Unavailable  = later("unavailable", "Service unavailable")
	Internal     = problem(http.StatusInternalServerError, "internal", "Internal error")

	credentialRefused  = problem(http.StatusUnauthorized, "credential_refused", "These credentials are not good")
	notFresh           = problem(http.StatusForbidden, "not_fresh", "Prove the password again first")
	RegistrationClosed = problem(http.StatusForbidden, "registration_closed", "Only administrators make accounts here")
	NotFound           = problem(http.StatusNotFound, "not_found", "Not found")
	linkNotGood        = problem(http.StatusNotFound, "link_not_good", "This link is not good any more")
	MethodNotAllowed   = problem(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed")

	// Of the app behind a gate.
	UpstreamDown = problem(http.StatusBadGateway, "upstream_down", "The app does not answer").retriedIn(upstreamRetry)
	UpstreamSlow = problem(http.StatusGatewayTimeout, "upstream_slow", "The app has not answered in time").retriedIn(upstreamRetry)
	UpstreamBusy = later("upstream_busy", "The app has too many requests under way")
	BadTarget    = problem(http.StatusBadRequest, "bad_target", "The request's target is malformed")
	CrossSite    = problem(http.StatusForbidden, "cross_site", "Requests from other sites may not change anything here")
	BadBody      = problem(http.StatusBadRequest, "bad_body", "The body ended before its time, or cannot be read")

	cookieNeeded = problem(http.StatusBadRequest, "cookie_needed",
		"This is about the cookie of a session; a bearer token is renewed by POST /@login-renew")

	wrongFormat           = problem(http.StatusBadRequest, "wrong_format", "Wrong format")
	searchTooLong         = wrongFormat.because(fmt.Sprintf(`The parameter "search" has more than %d bytes`, account.MaxSearch))
	missingMember         = problem(http.StatusBadRequest, "missing_member", "A member is missing")
	emailNotAcceptable    = problem(http.StatusBadRequest, "email_not_acceptable", "This is not an email address")
	nameTooLong           = problem(http.StatusBadRequest, "name_too_long", "A name is too long: it may have 256 characters")
	passwordNotAcceptable = problem(http.StatusBadRequest, "password_not_acceptable",
		"This password is empty or has characters that cannot be typed reliably")
	passwordTooShort = problem(http.StatusBadRequest, "password_too_short", "This password is too short")
	passwordTooEasy  = problem(http.StatusBadRequest, "password_too_common", "This password is too common")
	passwordTooLong  = problem(http.StatusBadRequest, "password_too_long", "This password is too long")
	roleUnknown      = problem(http.StatusBadRequest, "role_unknown", "There is no such role")

	emailTaken         = problem(http.StatusConflict, "email_taken", "This email is in use already")
	lastAdmin          = problem(http.StatusConflict, "last_admin", "This is the last administrator")
	changedMeanwhile   = problem(http.StatusConflict, "changed_meanwhile", "Somebody else has changed it meanwhile")
	preconditionFailed = problem(http.StatusPreconditionFailed, "precondition_failed", "It is not what the request says")
	dataTooLarge       = problem(http.StatusRequestEntityTooLarge, "data_too_large", "The session data would be too large")

	// Of services that embed the verifier; package nodeapi has those that mean something to a store.
	insufficientScope = problem(http.StatusForbidden, "insufficient_scope", "The scope of this client does not allow it")
	sessionGone       = problem(http.StatusNotFound, "session_gone", "There is no such session")
	sessionExists     = problem(http.StatusConflict, "session_exists", "A session with this token has begun before")
	sessionChanged    = problem(http.StatusConflict, "session_changed", "The session was changed since it was read")
	tooManyStreams    = later("too_many_streams", "There are too many streams of changes")

	tooManyAttempts = problem(http.StatusTooManyRequests, "too_many_attempts", "Too many attempts")
	busy            = later("busy", "Too many people are signing in right now")
)

// meanings is what the errors of the engine say to a client. The first that fits counts.
var meanings = []struct {
	err   error
	means Problem
}{
	{handstamp.ErrNoCredential, Unauthorized},
	{handstamp.ErrBadCredential, credentialRefused},
	{handstamp.ErrNotFresh, notFresh},
	{handstamp.ErrForbidden, Forbidden},

	{account.ErrNoUser, NotFound},
	{account.ErrNoLink, linkNotGood},
	{account.ErrEmail, emailNotAcceptable},
	{account.ErrEmailTaken, emailTaken},
	{account.ErrName, nameTooLong},
	{password.ErrTooCommon, passwordTooEasy},
	{password.ErrTooRegular, passwordTooEasy},
	{password.ErrTooPersonal, passwordTooEasy},
	{password.ErrTooLong, passwordTooLong},
	{account.ErrPassword, passwordNotAcceptable},
	{account.ErrRole, roleUnknown},
	{account.ErrSearch, searchTooLong},
	{account.ErrLast, lastAdmin},
	{account.ErrChanged, changedMeanwhile},
	{password.ErrBusy, busy},

	{form.ErrBody, wrongFormat},
	{jsonobject.ErrFormat, wrongFormat},

	{session.ErrGone, credentialRefused}, // of the session that asks; it ended meanwhile
	{session.ErrConflict, changedMeanwhile},
	{session.ErrData, dataTooLarge}, // keys and values were judged before
	{session.ErrSeal, Internal},
}

// ProblemOf returns what err says to a client. An error of which nothing is known means that
// something is broken, and that the client had better come back: 503, never 401.
func ProblemOf(err error) Problem {
	if p, ok := errors.AsType[Problem](err); ok {
		return p
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge
	}
	if refused, ok := errors.AsType[*throttle.Refused](err); ok {
		p := tooManyAttempts
		p.RetryAfter = refused.RetryAfter
		return p
	}
	if short, ok := errors.AsType[*password.TooShortError](err); ok {
		return passwordTooShort.because("This password is " + short.Error())
	}
	for _, m := range meanings {
		if errors.Is(err, m.err) {
			if m.means == passwordTooEasy {
				return passwordTooEasy.because("This password is " + m.err.Error())
			}
			return m.means
		}
	}
	return Unavailable
}
