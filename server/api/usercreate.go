package api

import (
	"errors"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// createUser makes an account: administrators for whomever they like, everybody else for themselves
// and where registration is open.
func (a *API) createUser(w http.ResponseWriter, r *http.Request) error {
	who, err := a.Guard.Identify(r)
	if err != nil && handstamp.StatusOf(err) != http.StatusUnauthorized {
		return err
	}
	isAdmin := err == nil && a.IsAdmin(who)
	if mayRegister := a.MayRegister != nil && a.MayRegister(); !isAdmin && !mayRegister {
		if errors.Is(err, handstamp.ErrBadCredential) { // whoever it was, it may have been an administrator
			return err
		}
		return RegistrationClosed
	}
	ctx := r.Context()
	if err == nil {
		ctx = handstamp.WithIdentity(ctx, who) // for the audit log
	}

	body, err := readMembers(r, "email", "password", "first_name", "last_name", "role")
	if err != nil {
		return err
	}
	details, err := body.details(isAdmin)
	if err != nil {
		return err
	}
	details.Role = UserRole
	if role, err := body.text("role"); err != nil {
		return err
	} else if role != nil {
		if !isAdmin {
			return Forbidden.because("Only administrators give roles")
		}
		if details.Role = *role; details.Role == "" { // which would be one that nobody gave
			return roleUnknown
		}
	}
	if details.Role == a.People.AdminRole {
		if err := a.fresh(ctx, who); err != nil {
			return err
		}
	}
	create := a.People.Create
	if !isAdmin {
		create = a.People.Register
	}
	u, err := create(ctx, details)
	if err != nil {
		return err
	}
	a.answerCreated(w, u)
	return nil
}

func (a *API) answerCreated(w http.ResponseWriter, u account.User) {
	w.Header().Set("Location", a.Base+Prefix+"/users/"+u.ID.String())
	a.answer(w, http.StatusCreated, viewOf(u))
}

// UserRole is the role of those to whom nobody gave another one.
const UserRole = "user"

// details returns what a user is made from, without a role. Without a password it is somebody who
// needs a reset link, where that may be.
func (m members) details(mayLackPassword bool) (d account.Details, err error) {
	if d.Email, err = m.required("email"); err != nil {
		return d, err
	}
	if mayLackPassword && !m.has("password") {
		d.NoPassword = true
	} else if d.Password, err = m.required("password"); err != nil {
		return d, err
	}
	if d.FirstName, err = m.textOrNull("first_name"); err != nil {
		return d, err
	}
	d.LastName, err = m.textOrNull("last_name")
	return d, err
}
