package api

import (
	"context"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

func (a *API) userRoutes() []Route {
	return []Route{
		{Prefix + "/users", map[string]Method{
			http.MethodGet:  {Admin, a.handle(a.listUsers)},
			http.MethodPost: {Public, a.handle(a.createUser)},
		}},
		{Prefix + "/users/{id}", map[string]Method{
			http.MethodGet:    {SignedIn, a.handle(a.showUser)},
			http.MethodPut:    {SignedIn, a.handle(a.editUser)},
			http.MethodDelete: {Fresh, a.handle(a.deleteUser)},
		}},
		{Prefix + "/users/{id}/reset-link", map[string]Method{
			http.MethodPost: {Admin, a.handle(a.makeResetLink)}, // and fresh
		}},
	}
}

// userView is a user as clients see it.
type userView struct {
	ID        handstamp.ID `json:"id"`
	Email     *string      `json:"email"`
	FirstName *string      `json:"first_name"`
	LastName  *string      `json:"last_name"`
	Role      string       `json:"role"`
	Disabled  bool         `json:"disabled"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
}

func viewOf(u account.User) userView {
	view := userView{
		ID:        u.ID,
		FirstName: u.FirstName,
		LastName:  u.LastName,
		Role:      u.Role,
		Disabled:  u.Disabled,
		CreatedAt: u.CreatedAt,
		UpdatedAt: u.UpdatedAt,
	}
	if u.Email != "" {
		view.Email = &u.Email
	}
	return view
}

// reachable returns the user with this ID to that user and to administrators. To everybody else
// there is no such user, whether there is one or not. Every route that is about one user asks here.
func (a *API) reachable(ctx context.Context, id handstamp.ID) (account.User, error) {
	who, _ := handstamp.From(ctx)
	if id.IsZero() || id != who.UserID && !a.IsAdmin(who) {
		return account.User{}, account.ErrNoUser
	}
	return a.People.User(ctx, id)
}

// pathUser returns the user that the path names; "me" is the one who asks.
func (a *API) pathUser(r *http.Request) (account.User, error) {
	who, _ := handstamp.From(r.Context())
	id := who.UserID
	if name := r.PathValue("id"); name != "me" {
		var err error
		if id, err = handstamp.ParseID(name); err != nil {
			return account.User{}, account.ErrNoUser
		}
	}
	return a.reachable(r.Context(), id)
}

func (a *API) showUser(w http.ResponseWriter, r *http.Request) error {
	u, err := a.pathUser(r)
	if err != nil {
		return err
	}
	a.answer(w, http.StatusOK, viewOf(u))
	return nil
}

// IsFresh reports whether who has proved the password a short while ago.
func (a *API) IsFresh(who handstamp.Identity) bool { return a.fresh(context.Background(), who) == nil }

// fresh returns an error unless who has proved the password a short while ago.
func (a *API) fresh(ctx context.Context, who handstamp.Identity) error {
	return handstamp.Fresh(a.FreshFor)(ctx, who)
}

// deleteUser removes an account, one's own included.
func (a *API) deleteUser(w http.ResponseWriter, r *http.Request) error {
	u, err := a.pathUser(r)
	if err != nil {
		return err
	}
	if err := a.DeleteUser(w, r, u.ID); err != nil {
		return err
	}
	a.answer(w, http.StatusOK, struct{}{})
	return nil
}

// DeleteUser removes the account with this ID, for its user or an administrator, who has proved the password a short
// while ago. It answers nothing.
func (a *API) DeleteUser(w http.ResponseWriter, r *http.Request, id handstamp.ID) error {
	who, _ := handstamp.From(r.Context())
	if _, err := a.reachable(r.Context(), id); err != nil {
		return err
	}
	if err := a.fresh(r.Context(), who); err != nil {
		return err
	}
	if err := a.People.Delete(r.Context(), id); err != nil {
		return err
	}
	if id == who.UserID {
		a.forget(w, who)
	}
	return nil
}
