package pages

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/api"
)

// Parameters of lists.
const (
	searchParameter = "search"
	afterParameter  = "after"
	beforeParameter = "before"
)

func usersPath(v *visit) string { return v.path(adminUsersPath) }

// showUsers lists users, those who came last first.
func (v *visit) showUsers() error {
	asked := v.r.URL.Query()
	query := account.Query{Search: asked.Get(searchParameter), Limit: rowsPerPage}
	if after, ok := number(asked, afterParameter); ok {
		query.After = after
	} else if before, ok := number(asked, beforeParameter); ok {
		query.Before = before
	} else {
		query.Before = math.MaxInt64
	}
	page, err := v.api.People.List(v.r.Context(), query)
	if err != nil {
		return err
	}
	slices.Reverse(page.Users)
	body := usersBody{Search: query.Search, Rows: page.Users}
	if body.Total, err = v.api.People.Count(v.r.Context()); err != nil {
		return err
	}
	if page.Next > 0 { // those who came later
		body.Previous = v.listURL(usersPath(v), query.Search, afterParameter, page.Next)
	}
	if page.Previous > 0 {
		body.Next = v.listURL(usersPath(v), query.Search, beforeParameter, page.Previous)
	}
	return v.show(http.StatusOK, "users", body)
}

// listURL returns where a list goes on.
func (v *visit) listURL(path, search, parameter string, place int64) string {
	query := url.Values{parameter: {strconv.FormatInt(place, 10)}}
	if search != "" {
		query.Set(searchParameter, search)
	}
	return path + "?" + query.Encode()
}

// number returns a parameter that is a number. Whatever else stands there is as good as nothing: it was
// no link of ours.
func number(query url.Values, name string) (int64, bool) {
	n, err := strconv.ParseInt(query.Get(name), 10, 64)
	return n, err == nil && n >= 0
}

func (v *visit) newUserBody() newUserBody {
	return newUserBody{Typed: v.typed(), Role: v.fields["role"], Roles: v.api.People.Roles}
}

func (v *visit) showNewUser() error { return v.show(http.StatusOK, "newuser", v.newUserBody()) }

// createUser makes an account without a password, and goes to its page, where there is a link to choose one.
func (v *visit) createUser() error {
	details := api.DetailsOf(v.fields)
	details.NoPassword, details.Role = true, v.fields["role"]
	if details.Role == "" { // which would be one that nobody gave
		return v.retry(account.ErrRole, "newuser", v.newUserBody(), nil)
	}
	u, err := v.api.People.Create(v.r.Context(), details)
	if err != nil {
		return v.retry(err, "newuser", v.newUserBody(), nil)
	}
	return v.done(v.path(adminUsersPath, "/", u.ID.String()), "user-created")
}
