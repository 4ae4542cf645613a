package pages

import (
	"errors"
	"net/http"
	"slices"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

const accountSection = "account"

func toAccount(v *visit) string { return v.path(accountPath) }

// accountRoutes are for everybody who is signed in.
func (p *Pages) accountRoutes() []api.Route {
	page := func(do func(v *visit) error) api.Method { return p.page(api.Session, accountSection, do) }
	post := func(path string, do func(v *visit) error) api.Route {
		return api.Route{Path: accountPath + path, Methods: map[string]api.Method{
			http.MethodGet: page(backTo(toAccount)), http.MethodPost: page(do),
		}}
	}
	return []api.Route{
		{Path: accountPath, Methods: map[string]api.Method{http.MethodGet: page((*visit).showAccount)}},
		post("/profile", (*visit).editProfile),
		post("/email", (*visit).editEmail),
		post("/password", (*visit).editPassword),
		post("/sessions/end-others", (*visit).endOtherSessions),
		post("/sessions/{id}/end", (*visit).endOwnSession),
		{Path: accountPath + "/delete", Methods: map[string]api.Method{
			http.MethodGet:  page(func(v *visit) error { return v.show(http.StatusOK, "account-delete", nil) }),
			http.MethodPost: page(p.freshly("account-delete", toAccount, (*visit).deleteAccount)),
		}},
	}
}

// accountBody returns what the page shows. open names the form that has something to say.
func (v *visit) accountBody(open string) (accountBody, error) {
	u, err := v.user()
	if err != nil {
		return accountBody{}, err
	}
	sessions, err := v.api.Sessions.List(v.r.Context(), u.ID)
	if err != nil {
		return accountBody{}, err
	}
	body := accountBody{User: u, Typed: profileOf(u), MinLength: v.minLength(), Open: open}
	body.Sessions, body.MoreSessions = v.sessionRows(sessions)
	switch open {
	case "profile":
		typed := v.typed()
		body.Typed.FirstName, body.Typed.LastName = typed.FirstName, typed.LastName
	case "email":
		body.Typed.Email = v.fields["email"]
	}
	return body, nil
}

// sessionRows returns sessions for a list, and how many are left out of it: the one that asks comes first, then those that
// were used last.
func (v *visit) sessionRows(sessions []session.Session) (rows []sessionRow, more int) {
	slices.SortStableFunc(sessions, func(a, b session.Session) int {
		if isA, isB := a.ID == v.who().SessionID, b.ID == v.who().SessionID; isA != isB {
			if isA {
				return -1
			}
			return 1
		}
		return b.SeenAt.Compare(a.SeenAt)
	})
	shown := sessions[:min(len(sessions), rowsPerPage)]
	for _, s := range shown {
		rows = append(rows, v.sessionRow(s))
	}
	return rows, len(sessions) - len(shown)
}

func (v *visit) sessionRow(s session.Session) sessionRow {
	return sessionRow{
		ID: s.ID, Device: v.device(s.Device), Raw: s.Device, Address: s.Address,
		Began: s.BeganAt, Seen: s.SeenAt, Ends: v.api.Sessions.ExpiresAt(s),
		IsCurrent: s.ID == v.who().SessionID, UserID: s.UserID,
	}
}

func (v *visit) showAccount() error {
	body, err := v.accountBody("")
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "account", body)
}

// editOwn changes who is signed in, as form says, and answers with the page.
func (v *visit) editOwn(form string, edit api.UserEdit, names map[string]string) error {
	_, err := v.api.EditUser(v.w, v.r, v.who().UserID, edit)
	if err == nil {
		return v.done(v.path(accountPath), form)
	}
	if errors.Is(err, session.ErrGone) { // see freshly
		return err
	}
	body, bodyErr := v.accountBody(form)
	if bodyErr != nil {
		return bodyErr
	}
	if problem := api.ProblemOf(err); problem.Code == wrongPassword && edit.OldPassword != nil {
		return v.showWith(http.StatusForbidden, "account", body, message{
			errors: map[string]string{"old_password": v.say("field.wrong_password")},
		})
	}
	return v.retry(err, "account", body, names)
}

func (v *visit) editProfile() error {
	edit := api.UserEdit{Edit: account.Edit{FirstName: nameIn(v.fields["first_name"]), LastName: nameIn(v.fields["last_name"])}}
	return v.editOwn("profile", edit, nil)
}

// nameIn returns a name as it was typed: an empty field is none.
func nameIn(typed string) *account.Name {
	if typed == "" {
		return &account.Name{}
	}
	return &account.Name{Text: &typed}
}

func (v *visit) editEmail() error {
	email, old := v.fields["email"], v.fields["old_password"]
	return v.editOwn("email", api.UserEdit{Edit: account.Edit{Email: &email}, OldPassword: &old}, nil)
}

func (v *visit) editPassword() error {
	plain, old := v.fields["new_password"], v.fields["old_password"]
	return v.editOwn("password", api.UserEdit{Edit: account.Edit{Password: &plain}, OldPassword: &old},
		map[string]string{"password": "new_password"})
}

func (v *visit) endOtherSessions() error {
	if err := v.api.EndSessions(v.w, v.r, v.who().UserID, true); err != nil {
		return err
	}
	return v.done(v.path(accountPath), "others-ended")
}

// endOwnSession ends the session that the path names.
func (v *visit) endOwnSession() error {
	id, err := handstamp.ParseID(v.r.PathValue("id"))
	if err != nil {
		return account.ErrNoUser
	}
	if err := v.api.EndSession(v.w, v.r, v.who().UserID, id); err != nil {
		return err
	}
	if id == v.who().SessionID {
		return v.done(v.path(loginPath), "signed-out")
	}
	return v.done(v.path(accountPath), "session-ended")
}

func (v *visit) deleteAccount() error {
	if err := v.api.DeleteUser(v.w, v.r, v.who().UserID); err != nil {
		return err
	}
	return v.done(v.path(loginPath), "account-deleted")
}
