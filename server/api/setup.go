package api

import (
	"net/http"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/session"
)

// SetUp makes the first administrator of the JSON, or the form, in r's body, with the link whose
// secret the path names, and answers as to a program. The page for people is that of package pages.
func (a *API) SetUp(w http.ResponseWriter, r *http.Request) { a.handle(a.setUp)(w, r) }

func (a *API) setUp(w http.ResponseWriter, r *http.Request) error {
	details, err := readSetUp(r)
	if err != nil {
		return err
	}
	u, err := a.People.SetUp(r.Context(), session.Token(r.PathValue("secret")), details)
	if err != nil {
		return err
	}
	a.answerCreated(w, u)
	return nil
}

func readSetUp(r *http.Request) (account.Details, error) {
	if !jsonobject.IsJSON(r) {
		fields, err := form.Read(r)
		if err != nil {
			return account.Details{}, bodyProblem(err)
		}
		return DetailsOf(fields), nil
	}
	body, err := readMembers(r, "email", "password", "first_name", "last_name")
	if err != nil {
		return account.Details{}, err
	}
	return body.details(false)
}

// DetailsOf returns what a user is made from, as the fields of a form say. A name that was left empty
// is none.
func DetailsOf(fields form.Fields) account.Details {
	name := func(field string) *string {
		if typed := fields[field]; typed != "" {
			return &typed
		}
		return nil
	}
	return account.Details{
		Email:     fields["email"],
		Password:  fields["password"],
		FirstName: name("first_name"),
		LastName:  name("last_name"),
	}
}
