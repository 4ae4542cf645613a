package api

import (
	"errors"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// A UserEdit is what a request wants to change of a user.
type UserEdit struct {
	account.Edit
	OldPassword *string // goes with a new email or password of one's own
}

// changesSignIn reports whether it changes with what the user signs in.
func (e UserEdit) changesSignIn() bool { return e.Email != nil || e.Password != nil }

// changesRights reports whether it changes what the user may do.
func (e UserEdit) changesRights() bool { return e.Role != nil || e.Disabled != nil }

func readUserEdit(r *http.Request) (e UserEdit, err error) {
	body, err := readMembers(r, "first_name", "last_name", "email", "password", "old_password", "role", "disabled")
	if err != nil {
		return e, err
	}
	for _, name := range []struct {
		member string
		into   **account.Name
	}{{"first_name", &e.FirstName}, {"last_name", &e.LastName}} {
		if !body.has(name.member) {
			continue
		}
		text, err := body.textOrNull(name.member)
		if err != nil {
			return e, err
		}
		*name.into = &account.Name{Text: text}
	}
	for _, text := range []struct {
		member string
		into   **string
	}{{"email", &e.Email}, {"password", &e.Password}, {"old_password", &e.OldPassword}, {"role", &e.Role}} {
		if *text.into, err = body.text(text.member); err != nil {
			return e, err
		}
	}
	if e.Disabled, err = body.flag("disabled"); err != nil {
		return e, err
	}
	if e.Edit == (account.Edit{}) {
		return e, wrongFormat.because("There is nothing to change")
	}
	return e, nil
}

// editUser changes an account in one step: all that the request asks for, or nothing.
func (a *API) editUser(w http.ResponseWriter, r *http.Request) error {
	who, _ := handstamp.From(r.Context())
	u, err := a.pathUser(r)
	if err != nil {
		return err
	}
	if err := a.inPace(who); err != nil {
		return err
	}
	edit, err := readUserEdit(r)
	if err != nil {
		return err
	}
	if u, err = a.edit(w, r, u.ID, edit); err != nil {
		return err
	}
	a.answer(w, http.StatusOK, viewOf(u))
	return nil
}

// EditUser changes the user with this ID, for that user or an administrator, in one step. It sets the cookies of one
// who changes the own password, and answers nothing.
func (a *API) EditUser(w http.ResponseWriter, r *http.Request, id handstamp.ID, edit UserEdit) (account.User, error) {
	who, _ := handstamp.From(r.Context())
	if _, err := a.reachable(r.Context(), id); err != nil {
		return account.User{}, err
	}
	if err := a.inPace(who); err != nil {
		return account.User{}, err
	}
	return a.edit(w, r, id, edit)
}

// edit changes the user with this ID, whom the one who asks may reach.
func (a *API) edit(w http.ResponseWriter, r *http.Request, id handstamp.ID, edit UserEdit) (account.User, error) {
	who, _ := handstamp.From(r.Context())
	isOwn := id == who.UserID
	if err := a.mayEdit(r, who, isOwn, edit); err != nil {
		return account.User{}, err
	}
	if isOwn && edit.changesSignIn() {
		if err := a.proveForEdit(w, r, who, &edit); err != nil {
			return account.User{}, err
		}
	}
	u, err := a.People.Edit(r.Context(), id, edit.Edit)
	if err != nil {
		return u, err
	}
	if isOwn && edit.changesRights() && a.hasEnded(r, who, edit.Keep) {
		a.forget(w, who)
	}
	if isOwn && edit.changesSignIn() && who.Method != handstamp.MethodBearer {
		a.People.SetDevice(w, r, u) // what it was known by before is worth nothing after a change
	}
	return u, nil
}

// mayEdit says who may change what, beside that only oneself and administrators get here.
func (a *API) mayEdit(r *http.Request, who handstamp.Identity, isOwn bool, edit UserEdit) error {
	if edit.changesRights() && !a.IsAdmin(who) {
		return Forbidden.because(`Only administrators set "role" and "disabled"`)
	}
	if edit.OldPassword != nil && !(isOwn && edit.changesSignIn()) {
		return wrongFormat.because(`"old_password" goes with a new email or password of one's own`)
	}
	// Oneself has to say the old password for a new one: see proveForEdit.
	if edit.changesRights() || !isOwn && edit.changesSignIn() {
		return a.fresh(r.Context(), who)
	}
	return nil
}

// proveForEdit makes sure that it is the user who changes the own email or password, and gives the
// session that asks, which is the one that stays, a new token: whoever knows the old one is out, too. That of a bearer
// token ends with the others: there may be copies of the token, and who has the new password can log in for another.
func (a *API) proveForEdit(w http.ResponseWriter, r *http.Request, who handstamp.Identity, edit *UserEdit) error {
	if edit.OldPassword == nil {
		return missing("old_password")
	}
	u, err := a.confirm(w, r, who, *edit.OldPassword)
	if err != nil {
		return err
	}
	edit.Epoch = &u.Epoch // whoever changes the password meanwhile was faster
	if who.Method != handstamp.MethodSession || a.Sessions == nil {
		return nil
	}
	edit.Keep = a.ownToken(r)
	if edit.Keep, err = a.Sessions.Prove(r.Context(), edit.Keep); err != nil {
		return err
	}
	a.Sessions.SetCookie(w, edit.Keep) // whatever becomes of the change: the old token is no good any more
	return nil
}

// hasEnded reports whether the session that asks has ended. Its token is renewed, unless that is
// empty.
func (a *API) hasEnded(r *http.Request, who handstamp.Identity, renewed session.Token) bool {
	if !hasSession(who) || a.Sessions == nil {
		return false
	}
	if renewed == "" {
		renewed = a.ownToken(r)
	}
	_, err := a.Sessions.Find(r.Context(), renewed)
	return errors.Is(err, session.ErrGone)
}
