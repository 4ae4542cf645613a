package api

import (
	"errors"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

func (a *API) sessionRoutes() []Route {
	return []Route{
		{Path: Prefix + "/auth_session/login", Public: true, Methods: map[string]http.HandlerFunc{
			http.MethodPost: a.signIn,
		}},
		{Path: Prefix + "/auth_session/logout", Methods: map[string]http.HandlerFunc{
			http.MethodDelete: a.signOut,
		}},
		// The second founding document has login and logout on one path. It is public for the
		// sake of login, so that logout has to look by itself who is asking.
		{Path: Prefix + "/auth_session", Public: true, Methods: map[string]http.HandlerFunc{
			http.MethodPost:   a.signIn,
			http.MethodDelete: a.signOutAlias,
		}},
	}
}

func (a *API) signIn(w http.ResponseWriter, r *http.Request) {
	email, plain, ok := a.credentials(w, r)
	if !ok {
		return
	}
	if a.Sessions == nil {
		_, err := a.People.Authenticate(r.Context(), email, plain)
		a.refuseSignIn(w, r, err)
		return
	}
	u, token, err := a.People.Login(r.Context(), a.Sessions, email, plain)
	if err != nil {
		a.refuseSignIn(w, r, err)
		return
	}
	a.Sessions.SetCookie(w, token)
	a.answer(w, http.StatusOK, viewOf(u))
}

// credentials returns email and password from the form that r carries, or answers what is missing
// and returns false.
func (a *API) credentials(w http.ResponseWriter, r *http.Request) (email, plain string, ok bool) {
	fields, err := form.Read(r)
	switch {
	case err != nil:
		a.Refuse(w, problemOf(err))
	case fields["email"] == "":
		a.Refuse(w, emailMissing)
	case fields["password"] == "":
		a.Refuse(w, passMissing)
	default:
		return fields["email"], fields["password"], true
	}
	return "", "", false
}

// refuseSignIn answers a sign-in that begins no session. A nil err means that the password was
// right and that there are no sessions.
func (a *API) refuseSignIn(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil:
		a.Refuse(w, noSessions)
	case errors.Is(err, handstamp.ErrBadCredential):
		a.Refuse(w, a.Style.SignInProblem(err))
	case errors.Is(err, password.ErrTooLong):
		a.Refuse(w, passTooLong)
	default:
		a.fail(w, r, err)
	}
}

func (a *API) signOut(w http.ResponseWriter, r *http.Request) {
	if a.Sessions == nil {
		a.Refuse(w, noSessions)
		return
	}
	token, ok := a.Sessions.TokenOf(r)
	if !ok {
		a.Refuse(w, notFound)
		return
	}
	a.answerEnded(w, r, a.Sessions.End(r.Context(), token))
}

// answerEnded answers how the end of sessions went.
func (a *API) answerEnded(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil:
		a.answer(w, http.StatusOK, struct{}{})
	case errors.Is(err, session.ErrGone): // somebody else was faster
		a.Refuse(w, notFound)
	default:
		a.fail(w, r, err)
	}
}

// signOutAlias ends the session of the cookie; without a cookie, every session of the user whose
// email and password are in the form.
func (a *API) signOutAlias(w http.ResponseWriter, r *http.Request) {
	if a.Sessions != nil {
		if token, ok := a.Sessions.TokenOf(r); ok {
			a.signOutToken(w, r, token)
			return
		}
	}
	email, plain, ok := a.credentials(w, r)
	if !ok {
		return
	}
	u, err := a.People.Authenticate(r.Context(), email, plain)
	if err != nil || a.Sessions == nil {
		a.refuseSignIn(w, r, err)
		return
	}
	a.answerEnded(w, r, a.Sessions.EndUser(r.Context(), u.ID))
}

func (a *API) signOutToken(w http.ResponseWriter, r *http.Request, token session.Token) {
	switch _, err := a.Sessions.Find(r.Context(), token); {
	case err == nil:
		a.answerEnded(w, r, a.Sessions.End(r.Context(), token))
	case errors.Is(err, session.ErrGone):
		a.Refuse(w, Forbidden)
	default:
		a.fail(w, r, err)
	}
}
