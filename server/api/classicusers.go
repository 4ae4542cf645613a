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

// classicUser is a user as clients see it. Members stand in the order of the alphabet.
type classicUser struct {
	CreatedAt string       `json:"created_at"`
	Email     *string      `json:"email"`
	FirstName *string      `json:"first_name"`
	ID        handstamp.ID `json:"id"`
	LastName  *string      `json:"last_name"`
	UpdatedAt string       `json:"updated_at"`
}

func classicUserOf(u account.User) classicUser {
	view := classicUser{
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
func (c classic) pathUser(r *http.Request) (account.User, error) {
	name := r.PathValue("id")
	if name == "me" && r.Method != http.MethodPut && r.Method != http.MethodDelete {
		who, ok := handstamp.From(r.Context())
		if !ok {
			return account.User{}, account.ErrNoUser
		}
		return c.People.User(r.Context(), who.UserID)
	}
	id, err := handstamp.ParseID(name)
	if err != nil {
		return account.User{}, account.ErrNoUser
	}
	return c.People.User(r.Context(), id)
}

func (c classic) showUser(w http.ResponseWriter, r *http.Request) {
	u, err := c.pathUser(r)
	c.answerUser(w, r, http.StatusOK, u, err)
}

// answerUser answers with a user, or with what err says of it.
func (c classic) answerUser(w http.ResponseWriter, r *http.Request, status int, u account.User, err error) {
	switch {
	case err == nil:
		c.answer(w, status, classicUserOf(u))
	case errors.Is(err, account.ErrNoUser):
		c.Refuse(w, NotFound)
	default:
		c.fail(w, r, err)
	}
}

// listUsers sends the users as they are read: there may be more than fit in memory.
func (c classic) listUsers(w http.ResponseWriter, r *http.Request) {
	list := c.startList(w)
	for u, err := range c.People.All(r.Context()) {
		if err == nil {
			err = list.add(classicUserOf(u))
		}
		if err != nil {
			list.abort(func() { c.fail(w, r, err) })
			return
		}
	}
	list.end()
}

func (c classic) createUser(w http.ResponseWriter, r *http.Request) {
	body, err := jsonobject.Read(r)
	if err != nil {
		c.Refuse(w, bodyProblem(err))
		return
	}
	email, emailErr := body.Text("email")
	first, firstErr := body.Text("first_name")
	last, lastErr := body.Text("last_name")
	plain, plainErr := body.Text("password")
	surrogate := (*jsonobject.SurrogateError)(nil)
	if errors.Join(emailErr, firstErr, lastErr) != nil || plainErr != nil && !errors.As(plainErr, &surrogate) {
		c.Refuse(w, wrongFormat)
		return
	}
	_, hasEmail := body["email"]
	switch {
	case !hasEmail || email != nil && *email == "":
		c.Refuse(w, emailMissing)
		return
	case surrogate != nil:
		c.Refuse(w, cannotCreate(surrogate.Error()))
		return
	case plain == nil || *plain == "":
		c.Refuse(w, passMissing)
		return
	}
	details := account.Details{FirstName: first, LastName: last, Password: *plain}
	if email != nil {
		details.Email = *email
	}
	u, err := c.People.Create(r.Context(), details)
	switch {
	case errors.Is(err, account.ErrEmailTaken):
		c.Refuse(w, cannotCreate("email already in use"))
	case errors.Is(err, account.ErrEmail):
		c.Refuse(w, cannotCreate("not an email address"))
	case errors.Is(err, account.ErrPassword):
		c.Refuse(w, cannotCreate("password not acceptable"))
	case errors.Is(err, password.ErrTooLong):
		c.Refuse(w, passTooLong)
	default:
		c.answerUser(w, r, http.StatusCreated, u, err)
	}
}

func cannotCreate(why string) Problem {
	return wrongFormat.because("Can't create User: " + why)
}

func (c classic) renameUser(w http.ResponseWriter, r *http.Request) {
	u, err := c.pathUser(r)
	if err != nil {
		c.answerUser(w, r, http.StatusOK, u, err)
		return
	}
	body, err := jsonobject.Read(r)
	if err != nil {
		c.Refuse(w, bodyProblem(err))
		return
	}
	first, firstErr := body.Text("first_name")
	last, lastErr := body.Text("last_name")
	if errors.Join(firstErr, lastErr) != nil {
		c.Refuse(w, wrongFormat)
		return
	}
	u, err = c.People.Rename(r.Context(), u.ID, first, last)
	c.answerUser(w, r, http.StatusOK, u, err)
}

func (c classic) deleteUser(w http.ResponseWriter, r *http.Request) {
	u, err := c.pathUser(r)
	if err == nil {
		err = c.People.Delete(r.Context(), u.ID)
	}
	if err != nil {
		c.answerUser(w, r, http.StatusOK, u, err)
		return
	}
	c.answer(w, http.StatusOK, struct{}{})
}
