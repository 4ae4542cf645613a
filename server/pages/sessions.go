package pages

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

// showSessions lists the sessions of everybody, the newest first.
func (v *visit) showSessions() error {
	var after session.Place
	if err := after.UnmarshalText([]byte(v.r.URL.Query().Get(afterParameter))); err != nil {
		after = session.Place{} // it was no link of ours
	}
	page, err := v.api.Sessions.ListAll(v.r.Context(), after, rowsPerPage)
	if err != nil {
		return err
	}
	body := sessionsBody{Rows: make([]sessionRow, 0, len(page.Sessions))}
	for _, s := range page.Sessions {
		row := v.sessionRow(s)
		u, err := v.api.People.User(v.r.Context(), s.UserID)
		if err != nil && !errors.Is(err, account.ErrNoUser) {
			return err
		}
		row.Email = u.Email
		body.Rows = append(body.Rows, row)
	}
	if v.node != nil {
		body.Total = v.node(v.r.Context()).Sessions
	}
	path := v.path(adminSessionsPath)
	if !after.IsZero() {
		body.First = path
	}
	if !page.Next.IsZero() {
		text, err := page.Next.MarshalText()
		if err != nil {
			return err
		}
		body.Next = path + "?" + url.Values{afterParameter: {string(text)}}.Encode()
	}
	return v.show(http.StatusOK, "sessions", body)
}

// endSession ends the session that the path names, of the user whom the form names, and goes back to the page on
// which that stood.
func (v *visit) endSession() error {
	id, err := handstamp.ParseID(v.r.PathValue("id"))
	if err != nil {
		return api.NotFound
	}
	user, err := handstamp.ParseID(v.fields["user"])
	if err != nil {
		return api.NotFound
	}
	if err := v.api.EndSession(v.w, v.r, user, id); err != nil {
		return err
	}
	back := v.path(adminSessionsPath)
	if v.fields[returnField] != "" { // it stood on the page about the user
		back = v.path(adminUsersPath, "/", user.String())
	}
	return v.done(back, "session-ended")
}
