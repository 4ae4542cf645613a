package forward

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/returnurl"
)

// A Config is what a Judge goes by.
type Config struct {
	// Rules say who may pass where; nil for no rules.
	Rules *Rules

	// Identify says who is asking, as [handstamp.Guard.Identify] does.
	Identify func(r *http.Request) (handstamp.Identity, error)

	// FreshFor is for how long a password that was proved counts as fresh.
	FreshFor time.Duration

	// Email returns a user's email. Its answers are kept for two seconds. Nil for no emails.
	Email func(ctx context.Context, user handstamp.ID) (string, error)

	// Upstream returns the token by which the app at an origin can see for itself who is asking. It is called for each
	// request that passes, so it has to be quick. Nil for no tokens.
	Upstream func(ctx context.Context, who handstamp.Identity, audience string) (string, error)

	// Login and Confirm are the URLs of the pages where browsers sign in, and where they prove the password
	// again; empty where there are none. They lead back where Returns allows it.
	Login, Confirm string
	Returns        returnurl.Rules
}

// A Judge decides about requests for apps. It is safe for concurrent use.
type Judge struct {
	Config
	fresh  handstamp.Policy
	emails *emails
}

// New returns a Judge, or what is wrong with c.
func New(c Config) (*Judge, error) {
	if c.Identify == nil {
		return nil, errors.New("forward-auth: nobody says who is asking")
	}
	if c.Login != "" || c.Confirm != "" {
		if err := c.Returns.Check(); err != nil {
			return nil, err
		}
	}
	if c.Rules == nil {
		c.Rules = &Rules{}
	}
	return &Judge{Config: c, fresh: handstamp.Fresh(c.FreshFor), emails: newEmails(c.Email)}, nil
}

// A Verdict is what a Judge has decided.
type Verdict struct {
	// Status is 200 if the request may pass; 401, 403, 429 and 503 are as [handstamp.StatusOf] says,
	// and 400 is for what cannot be read.
	Status int

	// Header is what the app gets in place of whatever the client has sent under these names: X-Auth-User, X-Auth-Email,
	// X-Auth-Role, X-Auth-Session and Authorization, each of them set or empty. It is not to be changed.
	Header http.Header

	// Login is where to send a browser that may not pass until somebody has signed in, or proved the
	// password again. It is empty for programs, and where that would not help.
	Login string

	// Err is why Status is not 200. Beside 200 it is why nobody could tell who asks for what is public anyway.
	Err error
}

// Decide says whether a request may pass. r carries the credentials, and what tells a browser from a program; asked is
// what it is about, as a proxy says, and all else of r is about somebody else's question.
func (j *Judge) Decide(r *http.Request, asked Asked) Verdict {
	header := make(http.Header, len(identityHeaders))
	verdict := j.decide(r, asked, header)
	verdict.Header = header
	return verdict
}

// decide writes the identity's headers to header, each once: a map of eight would grow at the next.
func (j *Judge) decide(r *http.Request, asked Asked, header http.Header) Verdict {
	verdict, who := j.judge(r, asked)
	who.writeTo(header)
	return verdict
}

// judge returns who is asking beside a Verdict without Header.
func (j *Judge) judge(r *http.Request, asked Asked) (Verdict, *names) {
	t, err := asked.read()
	if err != nil {
		return Verdict{Status: http.StatusBadRequest, Err: err}, nobody
	}
	rules, isPublic := j.Rules.find(t)
	who, err := j.Identify(r)
	if err == nil && !isPublic {
		err = j.satisfy(r.Context(), who, rules)
	}
	var called *names
	if err == nil {
		called, err = j.name(r.Context(), who, t.origin)
	}
	switch status := handstamp.StatusOf(err); {
	case err == nil:
		return Verdict{Status: http.StatusOK}, called
	case isPublic && status == http.StatusServiceUnavailable:
		return Verdict{Status: http.StatusOK, Err: err}, nobody
	case isPublic:
		return Verdict{Status: http.StatusOK}, nobody
	default:
		return Verdict{Status: status, Err: err, Login: j.pageFor(r, asked, t, err)}, nobody
	}
}

// satisfy returns why who may not pass, if so. A role that is missing comes first: to prove the password would not help.
func (j *Judge) satisfy(ctx context.Context, who handstamp.Identity, rules []rule) error {
	wantsFresh := false
	for i := range rules {
		r := &rules[i]
		if r.roles != nil && !slices.Contains(r.roles, who.Role) {
			return handstamp.ErrForbidden
		}
		wantsFresh = wantsFresh || r.isFresh
	}
	if wantsFresh {
		return j.fresh(ctx, who)
	}
	return nil
}

// pageFor returns where to send a browser that was refused because of err, or "".
func (j *Judge) pageFor(r *http.Request, asked Asked, t target, err error) string {
	page := ""
	switch {
	case handstamp.StatusOf(err) == http.StatusUnauthorized:
		page = j.Login
	case errors.Is(err, handstamp.ErrNotFresh):
		page = j.Confirm
	}
	if page == "" || !showsPage(r, asked) {
		return ""
	}
	if back, ok := j.Returns.Resolve(t.origin + asked.URI); ok {
		return page + "?" + url.Values{"return_to": {back}}.Encode()
	}
	return page
}

// showsPage reports whether what is answered takes the place of what a person in front of a browser is looking at.
// Other requests of browsers are those of programs: a script cannot sign in.
func showsPage(r *http.Request, asked Asked) bool {
	if asked.Method != http.MethodGet && asked.Method != http.MethodHead || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	mode := r.Header.Get("Sec-Fetch-Mode")
	return mode == "" || mode == "navigate"
}
