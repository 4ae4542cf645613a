package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

func (a *API) sessionRoutes() []Route {
	signIn, signOut := Method{Public, a.handle(a.signIn)}, Method{Session, a.handle(a.signOut)}
	return []Route{
		{Prefix + "/auth_session", map[string]Method{
			http.MethodGet:    {SignedIn, a.handle(a.listSessions)},
			http.MethodPost:   signIn,
			http.MethodDelete: signOut,
		}},
		{Prefix + "/auth_session/login", map[string]Method{
			http.MethodPost: signIn,
		}},
		{Prefix + "/auth_session/logout", map[string]Method{
			http.MethodDelete: signOut,
		}},
		{Prefix + "/auth_session/renew", map[string]Method{
			http.MethodPost: {Session, a.handle(a.renewSession)},
		}},
		{Prefix + "/auth_session/all", map[string]Method{
			http.MethodDelete: {SignedIn, a.handle(a.endSessions)},
		}},
		{Prefix + "/auth_session/{id}", map[string]Method{
			http.MethodDelete: {SignedIn, a.handle(a.endSession)},
		}},
	}
}

// sessionView is a session as its user sees it.
type sessionView struct {
	ID        handstamp.ID `json:"id"`
	Device    string       `json:"device"`
	Address   string       `json:"address"`
	BeganAt   time.Time    `json:"began_at"`
	SeenAt    time.Time    `json:"seen_at"`
	ExpiresAt *time.Time   `json:"expires_at"` // null for never
	Current   bool         `json:"current"`    // it is the one that asks
}

func (a *API) viewOfSession(s session.Session, who handstamp.Identity) sessionView {
	view := sessionView{
		ID:      s.ID,
		Device:  s.Device,
		Address: s.Address,
		BeganAt: s.BeganAt,
		SeenAt:  s.SeenAt,
		Current: s.ID == who.SessionID,
	}
	if at := a.Sessions.ExpiresAt(s); !at.IsZero() {
		view.ExpiresAt = &at
	}
	return view
}

// signIn begins a session. Whatever is wrong with the pair, the answer is the same.
func (a *API) signIn(w http.ResponseWriter, r *http.Request) error {
	email, plain, err := readCredentials(r)
	if err != nil {
		return err
	}
	u, token, err := a.People.Login(account.WithRequest(r.Context(), r), a.Sessions, email, plain)
	if err != nil {
		return withoutPrompt(w, err)
	}
	a.People.EndCarried(r, a.Sessions)
	a.Sessions.SetCookie(w, token)
	a.People.SetDevice(w, r, u)
	a.answer(w, http.StatusOK, viewOf(u))
	return nil
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

// signOut ends the session that asks. If somebody else was faster, all is well, too.
func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	token, _ := a.Sessions.TokenOf(r)
	if err := a.Sessions.End(r.Context(), token); err != nil && !errors.Is(err, session.ErrGone) {
		return err
	}
	a.signedOut(w)
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}

// signedOut makes the browser forget the cookie and what it has stored of the site, but no cookies of
// sibling sites.
func (a *API) signedOut(w http.ResponseWriter) {
	if a.Sessions != nil {
		a.Sessions.ClearCookie(w)
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
}

// renewSession gives the session that asks a new token. A password in the body makes it fresh.
func (a *API) renewSession(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, _ := handstamp.From(ctx)
	token, _ := a.Sessions.TokenOf(r)
	plain, err := readProof(r)
	if err != nil {
		return err
	}
	renew := a.Sessions.Renew
	if plain != nil {
		if _, err := a.confirm(w, r, who, *plain); err != nil {
			return err
		}
		renew = a.Sessions.Prove
	}
	if token, err = renew(ctx, token); err != nil {
		return err
	}
	a.Sessions.SetCookie(w, token)
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

// readProof returns the password in r's body, or nil where there is none.
func readProof(r *http.Request) (*string, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, bodyProblem(err)
	}
	if len(text) == 0 {
		return nil, nil
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	body, err := readMembers(r, "password")
	if err != nil {
		return nil, err
	}
	return body.text("password")
}

// subject returns the ID of the user whom the parameter "user" names; without one, of the one who
// asks.
func (a *API) subject(ctx context.Context, q query) (handstamp.ID, error) {
	who, _ := handstamp.From(ctx)
	if q["user"] == "" {
		return who.UserID, nil
	}
	id, err := q.id("user")
	if err != nil {
		return handstamp.ID{}, err
	}
	u, err := a.reachable(ctx, id)
	return u.ID, err
}

func (a *API) listSessions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := readQuery(r, "user")
	if err != nil {
		return err
	}
	user, err := a.subject(ctx, q)
	if err != nil {
		return err
	}
	sessions, err := a.Sessions.List(ctx, user)
	if err != nil {
		return err
	}
	who, _ := handstamp.From(ctx)
	views := make([]sessionView, 0, len(sessions))
	for _, s := range sessions {
		views = append(views, a.viewOfSession(s, who))
	}
	a.answer(w, http.StatusOK, map[string][]sessionView{"sessions": views})
	return nil
}

// endSession ends one session, by its public name.
func (a *API) endSession(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := readQuery(r, "user")
	if err != nil {
		return err
	}
	user, err := a.subject(ctx, q)
	if err != nil {
		return err
	}
	id, err := handstamp.ParseID(r.PathValue("id"))
	if err != nil {
		return notFound
	}
	err = a.Sessions.EndID(ctx, user, id)
	switch {
	case errors.Is(err, session.ErrGone):
		return notFound
	case err != nil:
		return err
	}
	if who, _ := handstamp.From(ctx); id == who.SessionID {
		a.signedOut(w)
	}
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}

// endSessions ends all sessions of a user, or all but the one that asks.
func (a *API) endSessions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := readQuery(r, "user", "others")
	if err != nil {
		return err
	}
	othersOnly, err := q.flag("others")
	if err != nil {
		return err
	}
	user, err := a.subject(ctx, q)
	if err != nil {
		return err
	}
	who, _ := handstamp.From(ctx)
	isOwn, hasSession := user == who.UserID, who.Method == handstamp.MethodSession
	switch {
	case othersOnly && !isOwn:
		return badParameter("others", "for somebody else's sessions")
	case othersOnly && hasSession:
		token, _ := a.Sessions.TokenOf(r)
		err = a.Sessions.EndOthers(ctx, user, token)
	default:
		err = a.Sessions.EndUser(ctx, user)
	}
	if err != nil {
		return err
	}
	if isOwn && hasSession && !othersOnly {
		a.signedOut(w)
	}
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}
