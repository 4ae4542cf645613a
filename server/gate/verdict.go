package gate

import (
	"errors"
	"net/http"
)

// A Verdict says what becomes of a request for the app.
type Verdict struct {
	// Status is 200 for a request that may pass, and else what it is answered with.
	Status int

	// Header is what the app is told about who is asking. What is empty is not sent.
	Header http.Header

	// Login is where a browser signs in that may not pass; empty for a program.
	Login string

	// Err says why the request may not pass: one of the errors below, or one that [handstamp.StatusOf] knows.
	Err error
}

// Why a request does not get to the app, beside who is asking.
var (
	ErrTarget    = errors.New("the request's target cannot be passed on as it is")
	ErrMethod    = errors.New("method is not for apps behind a proxy") // CONNECT and TRACE
	ErrCrossSite = errors.New("a page of another site wants to change something")
	ErrBody      = errors.New("the request's body ended before its time, or cannot be read")
	ErrBusy      = errors.New("the app has as many requests under way as it may have")
	ErrDown      = errors.New("the app cannot be reached, or has hung up")
	ErrSlow      = errors.New("the app has not answered in time")
)

// headers of a Verdict that say who is asking.
const (
	userHeader    = "X-Auth-User"
	emailHeader   = "X-Auth-Email"
	roleHeader    = "X-Auth-Role"
	sessionHeader = "X-Auth-Session"
)

func (v Verdict) mayPass() bool { return v.Status == http.StatusOK }

// isKnown reports whether somebody is asking, rather than anybody on a public path.
func (v Verdict) isKnown() bool { return v.Header.Get(userHeader) != "" }
