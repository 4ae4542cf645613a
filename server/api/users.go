package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/password"
)

func (a *API) userRoutes() []Route {
	return []Route{
		{Path: Prefix + "/users", Methods: map[string]http.HandlerFunc{
			http.MethodGet:  a.listUsers,
			http.MethodPost: a.createUser,
		}},
		{Path: Prefix + "/users/{id}", Methods: map[string]http.HandlerFunc{
			http.MethodGet:    a.showUser,
			http.MethodPut:    a.renameUser,
			http.MethodDelete: a.deleteUser,
		}},
	}
}

// userView is a user as clients see it. Members stand in the order of the alphabet.
type userView struct {
	CreatedAt string       `json:"created_at"`
	Email     *string      `json:"email"`
	FirstName *string      `json:"first_name"`
	ID        handstamp.ID `json:"id"`
	LastName  *string      `json:"last_name"`
	UpdatedAt string       `json:"updated_at"`
}

func viewOf(u account.User) userView {
	view := userView{
		CreatedAt: u.CreatedAt.Format(time.DateTime),
		FirstName: u.FirstName,
		ID:        u.ID,
		LastName:  u.LastName,
		UpdatedAt: u.UpdatedAt.Format(time.DateTime),
	}
	if u.Email != "" {
		view.Email = &u.Email
	}
	return view
}

// pathUser returns the user that the path names; "me" is the one who asks, for reading only.
func (a *API) pathUser(r *http.Request) (account.User, error) {
	name := r.PathValue("id")
	if name == "me" && r.Method != http.MethodPut && r.Method != http.MethodDelete {
		who, ok := handstamp.From(r.Context())
		if !ok {
			return account.User{}, account.ErrNoUser
		}
		return a.People.User(r.Context(), who.UserID)
	}
	id, err := handstamp.ParseID(name)
	if err != nil {
		return account.User{}, account.ErrNoUser
	}
	return a.People.User(r.Context(), id)
}

func (a *API) showUser(w http.ResponseWriter, r *http.Request) {
	u, err := a.pathUser(r)
	a.answerUser(w, r, http.StatusOK, u, err)
}

// answerUser answers with a user, or with what err says of it.
func (a *API) answerUser(w http.ResponseWriter, r *http.Request, status int, u account.User, err error) {
	switch {
	case err == nil:
		a.answer(w, status, viewOf(u))
	case errors.Is(err, account.ErrNoUser):
		a.Refuse(w, notFound)
	default:
		a.fail(w, r, err)
	}
}

// listUsers sends the users as they are read: there may be more than fit in memory.
func (a *API) listUsers(w http.ResponseWriter, r *http.Request) {
	list := a.startList(w)
	for u, err := range a.People.All(r.Context()) {
		if err == nil {
			err = list.add(viewOf(u))
		}
		if err != nil {
			list.abort(func() { a.fail(w, r, err) })
			return
		}
	}
	list.end()
}

func (a *API) createUser(w http.ResponseWriter, r *http.Request) {
	body, err := jsonobject.Read(r)
	if err != nil {
		a.Refuse(w, problemOf(err))
		return
	}
	email, emailErr := body.Text("email")
	first, firstErr := body.Text("first_name")
	last, lastErr := body.Text("last_name")
	plain, plainErr := body.Text("password")
	surrogate := (*jsonobject.SurrogateError)(nil)
	if errors.Join(emailErr, firstErr, lastErr) != nil || plainErr != nil && !errors.As(plainErr, &surrogate) {
		a.Refuse(w, wrongFormat)
		return
	}
	_, hasEmail := body["email"]
	switch {
	case !hasEmail || email != nil && *email == "":
		a.Refuse(w, emailMissing)
		return
	case surrogate != nil:
		a.Refuse(w, cannotCreate(surrogate.Error()))
		return
	case plain == nil || *plain == "":
		a.Refuse(w, passMissing)
		return
	}
	details := account.Details{FirstName: first, LastName: last, Password: *plain}
	if email != nil {
		details.Email = *email
	}
	u, err := a.People.Create(r.Context(), details)
	switch {
	case errors.Is(err, account.ErrEmailTaken):
		a.Refuse(w, cannotCreate("email already in use"))
	case errors.Is(err, account.ErrEmail):
		a.Refuse(w, cannotCreate("not an email address"))
	case errors.Is(err, account.ErrPassword):
		a.Refuse(w, cannotCreate("password not acceptable"))
	case errors.Is(err, password.ErrTooLong):
		a.Refuse(w, passTooLong)
	default:
		a.answerUser(w, r, http.StatusCreated, u, err)
	}
}

func cannotCreate(why string) Problem {
	return Problem{http.StatusBadRequest, "Can't create User: " + why}
}

func (a *API) renameUser(w http.ResponseWriter, r *http.Request) {
	u, err := a.pathUser(r)
	if err != nil {
		a.answerUser(w, r, http.StatusOK, u, err)
		return
	}
	body, err := jsonobject.Read(r)
	if err != nil {
		a.Refuse(w, problemOf(err))
		return
	}
	first, firstErr := body.Text("first_name")
	last, lastErr := body.Text("last_name")
	if errors.Join(firstErr, lastErr) != nil {
		a.Refuse(w, wrongFormat)
		return
	}
	u, err = a.People.Rename(r.Context(), u.ID, first, last)
	a.answerUser(w, r, http.StatusOK, u, err)
}

func (a *API) deleteUser(w http.ResponseWriter, r *http.Request) {
	u, err := a.pathUser(r)
	if err == nil {
		err = a.People.Delete(r.Context(), u.ID)
	}
	if err != nil {
		a.answerUser(w, r, http.StatusOK, u, err)
		return
	}
	a.answer(w, http.StatusOK, struct{}{})
}
