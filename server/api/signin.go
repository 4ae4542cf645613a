package api

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// signIn begins a session. Whatever is wrong with the pair, the answer is the same.
func (a *API) signIn(w http.ResponseWriter, r *http.Request) error {
	email, plain, err := readCredentials(r)
	if err != nil {
		return err
	}
	u, err := a.SignIn(w, r, email, plain)
	if err != nil {
		return err
	}
	a.answer(w, http.StatusOK, viewOf(u))
	return nil
}

// SignIn begins a session in the place of whichever r carries. It sets cookies, and answers nothing.
func (a *API) SignIn(w http.ResponseWriter, r *http.Request, email, plain string) (account.User, error) {
	u, token, err := a.People.Login(account.WithRequest(r.Context(), r), a.Sessions, email, plain)
	if err != nil {
		return u, withoutPrompt(w, err)
	}
	a.People.EndCarried(r, a.Sessions)
	a.Sessions.SetCookie(w, token)
	a.People.SetDevice(w, r, u)
	return u, nil
}

// SessionChallenge asks for a session, in a scheme of which browsers know nothing, as a 401 has to
// ask for something (RFC 9110, section 15.5.2).
const SessionChallenge = `Session realm="Handstamp"`

// withoutPrompt returns err, and makes a 401 ask for nothing that browsers have a window for: the
// password that was wrong came in the body, and one in the header would not help.
func withoutPrompt(w http.ResponseWriter, err error) error {
	if ProblemOf(err).Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", SessionChallenge)
	}
	return err
}

// confirm returns the user who asks if plain is the user's password.
func (a *API) confirm(w http.ResponseWriter, r *http.Request, who handstamp.Identity, plain string) (account.User, error) {
	u, err := a.People.Confirm(account.WithRequest(r.Context(), r), who.UserID, plain)
	if err != nil {
		return account.User{}, withoutPrompt(w, err)
	}
	return u, nil
}

func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := a.SignOut(w, r); err != nil {
		return err
	}
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}

// SignOut ends the session that asks, and makes a browser forget it. It answers nothing. If somebody else was
// faster, all is well, too; but not if somebody has given it a new token meanwhile.
func (a *API) SignOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, _ := handstamp.From(ctx)
	err := a.Sessions.End(ctx, a.ownToken(r))
	if errors.Is(err, session.ErrGone) {
		err = a.Sessions.EndID(ctx, who.UserID, who.SessionID)
	}
	if err != nil && !errors.Is(err, session.ErrGone) {
		return err
	}
	a.forget(w, who)
	return nil
}

// Forget makes the browser forget the cookie and what it has stored of the site, but no cookies of
// sibling sites.
func (a *API) Forget(w http.ResponseWriter) {
	if a.Sessions != nil {
		a.Sessions.ClearCookie(w)
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
}

// forget is Forget where it is a browser that asks, or may be: a cookie that comes beside a bearer token is
// of another session.
func (a *API) forget(w http.ResponseWriter, who handstamp.Identity) {
	if who.Method != handstamp.MethodBearer {
		a.Forget(w)
	}
}

// renewSession gives the session that asks a new token. A password in the body makes it fresh.
func (a *API) renewSession(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, _ := handstamp.From(ctx)
	plain, err := readProof(r)
	if err != nil {
		return err
	}
	if plain != nil {
		_, err = a.Prove(w, r, *plain)
	} else if err = a.inPace(who); err == nil {
		var token session.Token
		if token, err = a.Sessions.Renew(ctx, a.ownToken(r)); err == nil {
			a.Sessions.SetCookie(w, token)
		}
	}
	if err != nil {
		return err
	}
	sessions, err := a.Sessions.List(ctx, who.UserID) // a check would leave out device and address
	if err != nil {
		return err
	}
	at := slices.IndexFunc(sessions, func(s session.Session) bool { return s.ID == who.SessionID })
	if at < 0 {
		return session.ErrGone
	}
	a.answer(w, http.StatusOK, a.viewOfSession(sessions[at], who))
	return nil
}

// Prove makes the session that asks a fresh one, with a new token, if plain is its user's password. It sets the cookie,
// answers nothing, and returns r as it would come now: fresh, and with the new token.
func (a *API) Prove(w http.ResponseWriter, r *http.Request, plain string) (*http.Request, error) {
	who, _ := handstamp.From(r.Context())
	if err := a.inPace(who); err != nil {
		return nil, err
	}
	if _, err := a.confirm(w, r, who, plain); err != nil {
		return nil, err
	}
	token, err := a.Sessions.Prove(r.Context(), a.ownToken(r))
	if err != nil {
		return nil, err
	}
	a.Sessions.SetCookie(w, token)
	who.ProvedAt = time.Now()
	proved := r.Clone(handstamp.WithIdentity(r.Context(), who))
	proved.Header.Del("Cookie")
	for _, cookie := range r.Cookies() {
		if cookie.Name == a.Sessions.Cookie.SentName() {
			cookie.Value = string(token)
		}
		proved.AddCookie(cookie)
	}
	return proved, nil
}

// readProof returns the password in r's body, or nil where there is none.
func readProof(r *http.Request) (*string, error) {
	if isEmpty, err := isEmptyBody(r); isEmpty || err != nil {
		return nil, err
	}
	body, err := readMembers(r, "password")
	if err != nil {
		return nil, err
	}
	return body.text("password")
}
