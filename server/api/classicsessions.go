package api

import (
	"errors"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

func (c classic) signIn(w http.ResponseWriter, r *http.Request) {
	email, plain, ok := c.credentials(w, r)
	if !ok {
		return
	}
	if c.Sessions == nil {
		_, err := c.People.Authenticate(r.Context(), email, plain)
		c.refuseSignIn(w, r, err)
		return
	}
	u, token, err := c.People.Login(r.Context(), c.Sessions, email, plain)
	if err != nil {
		c.refuseSignIn(w, r, err)
		return
	}
	c.Sessions.SetCookie(w, token)
	c.answer(w, http.StatusOK, classicUserOf(u))
}

// credentials returns email and password from the form that r carries, or answers what is missing
// and returns false.
func (c classic) credentials(w http.ResponseWriter, r *http.Request) (email, plain string, ok bool) {
	fields, err := form.Read(r)
	switch {
	case err != nil:
		c.Refuse(w, bodyProblem(err))
	case fields["email"] == "":
		c.Refuse(w, emailMissing)
	case fields["password"] == "":
		c.Refuse(w, passMissing)
	default:
		return fields["email"], fields["password"], true
	}
	return "", "", false
}

// refuseSignIn answers a sign-in that begins no session. A nil err means that the password was
// right and that there are no sessions.
func (c classic) refuseSignIn(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil:
		c.Refuse(w, noSessions)
	case errors.Is(err, handstamp.ErrBadCredential):
		c.Refuse(w, c.Style.SignInProblem(err))
	case errors.Is(err, password.ErrTooLong):
		c.Refuse(w, passTooLong)
	default:
		c.fail(w, r, err)
	}
}

func (c classic) signOut(w http.ResponseWriter, r *http.Request) {
	if c.Sessions == nil {
		c.Refuse(w, noSessions)
		return
	}
	token, ok := c.Sessions.TokenOf(r)
	if !ok {
		c.Refuse(w, NotFound)
		return
	}
	c.answerEnded(w, r, c.Sessions.End(r.Context(), token))
}

// answerEnded answers how the end of sessions went.
func (c classic) answerEnded(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil:
		c.answer(w, http.StatusOK, struct{}{})
	case errors.Is(err, session.ErrGone): // somebody else was faster
		c.Refuse(w, NotFound)
	default:
		c.fail(w, r, err)
	}
}

// signOutAlias ends the session of the cookie; without a cookie, every session of the user whose
// email and password are in the form.
func (c classic) signOutAlias(w http.ResponseWriter, r *http.Request) {
	if c.Sessions != nil {
		if token, ok := c.Sessions.TokenOf(r); ok {
			c.signOutToken(w, r, token)
			return
		}
	}
	email, plain, ok := c.credentials(w, r)
	if !ok {
		return
	}
	u, err := c.People.Authenticate(r.Context(), email, plain)
	if err != nil || c.Sessions == nil {
		c.refuseSignIn(w, r, err)
		return
	}
	c.answerEnded(w, r, c.Sessions.EndUser(r.Context(), u.ID))
}

func (c classic) signOutToken(w http.ResponseWriter, r *http.Request, token session.Token) {
	switch _, err := c.Sessions.Find(r.Context(), token); {
	case err == nil:
		c.answerEnded(w, r, c.Sessions.End(r.Context(), token))
	case errors.Is(err, session.ErrGone):
		c.Refuse(w, Forbidden)
	default:
		c.fail(w, r, err)
	}
}
