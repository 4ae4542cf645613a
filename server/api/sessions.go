package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
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
			http.MethodPost: {Cookie, a.handle(a.renewSession)},
		}},
		{Prefix + "/auth_session/all", map[string]Method{
			http.MethodDelete: {SignedIn, a.handle(a.endSessions)},
		}},
		{Prefix + "/auth_session/{id}", map[string]Method{
			http.MethodDelete: {SignedIn, a.handle(a.endSession)},
		}},
		{Prefix + "/sessions", map[string]Method{
			http.MethodGet: {Admin, a.handle(a.listAllSessions)},
		}},
	}
}

// sessionView is a session as its user and administrators see it.
type sessionView struct {
	ID        handstamp.ID `json:"id"`
	UserID    handstamp.ID `json:"user_id"`
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
		UserID:  s.UserID,
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
	a.answer(w, http.StatusOK, sessionPage{Sessions: a.viewOfSessions(ctx, sessions)})
	return nil
}

// sessionPage is a part of a list of sessions.
type sessionPage struct {
	Sessions []sessionView `json:"sessions"`
	Next     session.Place `json:"next,omitzero"` // what to ask for as "after"; missing at the end
}

func (a *API) viewOfSessions(ctx context.Context, sessions []session.Session) []sessionView {
	who, _ := handstamp.From(ctx)
	views := make([]sessionView, 0, len(sessions))
	for _, s := range sessions {
		views = append(views, a.viewOfSession(s, who))
	}
	return views
}

// listAllSessions answers with the sessions of everybody.
func (a *API) listAllSessions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := readQuery(r, "limit", "after")
	if err != nil {
		return err
	}
	limit, err := q.limit()
	if err != nil {
		return err
	}
	var after session.Place
	if err := after.UnmarshalText([]byte(q["after"])); err != nil {
		return badParameter("after", `what came as "next"`)
	}
	page, err := a.Sessions.ListAll(ctx, after, limit)
	if err != nil {
		return err
	}
	a.answer(w, http.StatusOK, sessionPage{Sessions: a.viewOfSessions(ctx, page.Sessions), Next: page.Next})
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
		return NotFound
	}
	if err := a.EndSession(w, r, user, id); err != nil {
		return err
	}
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}

// EndSession ends one session of a user, for that user or an administrator. It answers nothing.
func (a *API) EndSession(w http.ResponseWriter, r *http.Request, user, id handstamp.ID) error {
	ctx := r.Context()
	if _, err := a.reachable(ctx, user); err != nil {
		return err
	}
	err := a.Sessions.EndID(ctx, user, id)
	switch {
	case errors.Is(err, session.ErrGone):
		return NotFound
	case err != nil:
		return err
	}
	if who, _ := handstamp.From(ctx); id == who.SessionID {
		a.forget(w, who)
	}
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
	if who, _ := handstamp.From(ctx); othersOnly && user != who.UserID {
		return badParameter("others", "for somebody else's sessions")
	}
	if err := a.EndSessions(w, r, user, othersOnly); err != nil {
		return err
	}
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}

// EndSessions ends all sessions of a user, for that user or an administrator, or all but the one that asks. It answers
// nothing.
func (a *API) EndSessions(w http.ResponseWriter, r *http.Request, user handstamp.ID, othersOnly bool) error {
	ctx := r.Context()
	if _, err := a.reachable(ctx, user); err != nil {
		return err
	}
	who, _ := handstamp.From(ctx)
	var err error
	switch {
	case othersOnly && hasSession(who):
		err = a.Sessions.EndOthers(ctx, user, a.ownToken(r))
	default:
		err = a.Sessions.EndUser(ctx, user)
	}
	if err != nil {
		return err
	}
	if user == who.UserID && hasSession(who) && !othersOnly {
		a.forget(w, who)
	}
	return nil
}
