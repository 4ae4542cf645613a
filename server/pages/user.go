package pages

import (
	"net/http"
	"net/url"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/server/api"
)

// userPath returns the path of the page about the user whom the path names.
func userPath(v *visit) string {
	return v.path(adminUsersPath, "/", url.PathEscape(v.r.PathValue("id")))
}

// userID returns the user whom the path names.
func (v *visit) userID() (handstamp.ID, error) {
	id, err := handstamp.ParseID(v.r.PathValue("id"))
	if err != nil {
		return id, account.ErrNoUser
	}
	return id, nil
}

// userBody returns what the page about a user shows. open names the form that has something to say.
func (v *visit) userBody(id handstamp.ID, open string) (userBody, error) {
	u, err := v.api.People.User(v.r.Context(), id)
	if err != nil {
		return userBody{}, err
	}
	sessions, err := v.api.Sessions.List(v.r.Context(), id)
	if err != nil {
		return userBody{}, err
	}
	body := userBody{
		User: u, Typed: profileOf(u), Roles: v.api.People.Roles, IsSelf: id == v.who().UserID,
		Open: open,
	}
	body.Sessions, body.MoreSessions = v.sessionRows(sessions)
	if open == "profile" {
		body.Typed = v.typed()
	}
	body.Recent, err = v.recent(audit.Filter{UserID: id})
	return body, err
}

func (v *visit) showUser() error {
	id, err := v.userID()
	if err != nil {
		return err
	}
	body, err := v.userBody(id, "")
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "user", body)
}

// change changes the user whom the path names, as form says, and goes back to the page, which says key.
func (v *visit) change(form, key string, edit account.Edit) error {
	id, err := v.userID()
	if err != nil {
		return err
	}
	if _, err = v.api.EditUser(v.w, v.r, id, api.UserEdit{Edit: edit}); err == nil {
		return v.done(userPath(v), key)
	}
	body, bodyErr := v.userBody(id, form)
	if bodyErr != nil {
		return bodyErr
	}
	return v.retry(err, "user", body, nil)
}

func (v *visit) editUser() error {
	id, err := v.userID()
	if err != nil {
		return err
	}
	edit := account.Edit{FirstName: nameIn(v.fields["first_name"]), LastName: nameIn(v.fields["last_name"])}
	// The own email changes on the own account page, which asks for the password.
	if email, isThere := v.fields["email"]; isThere && id != v.who().UserID {
		u, err := v.api.People.User(v.r.Context(), id)
		if err != nil {
			return err
		}
		if email != u.Email {
			edit.Email = &email
		}
	}
	return v.change("profile", "user-saved", edit)
}

func (v *visit) editRole() error {
	role := v.fields["role"]
	return v.change("role", "role", account.Edit{Role: &role})
}

func (v *visit) disableUser() error {
	disabled := true
	return v.change("disable", "user-disabled", account.Edit{Disabled: &disabled})
}

func (v *visit) enableUser() error {
	disabled := false
	return v.change("disable", "user-enabled", account.Edit{Disabled: &disabled})
}

// makeResetLink shows a new link, this once.
func (v *visit) makeResetLink() error {
	id, err := v.userID()
	if err != nil {
		return err
	}
	link, err := v.api.NewResetLink(v.r.Context(), id)
	if err != nil {
		return err
	}
	body, err := v.userBody(id, "reset-link")
	if err != nil {
		return err
	}
	body.Link, body.LinkEnds = link.URL, link.ExpiresAt
	return v.show(http.StatusOK, "user", body)
}

func (v *visit) endUserSessions() error {
	id, err := v.userID()
	if err != nil {
		return err
	}
	if err := v.api.EndSessions(v.w, v.r, id, false); err != nil {
		return err
	}
	return v.done(userPath(v), "sessions-ended")
}

func (v *visit) deleteUser() error {
	id, err := v.userID()
	if err != nil {
		return err
	}
	if err := v.api.DeleteUser(v.w, v.r, id); err != nil {
		return err
	}
	return v.done(usersPath(v), "user-deleted")
}
