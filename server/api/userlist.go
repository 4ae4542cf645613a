package api

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"

	"github.com/handstamp/handstamp/account"
)

// userPage is a part of the list of users.
type userPage struct {
	Users    []userView `json:"users"`
	Next     string     `json:"next,omitempty"`     // what to ask for as "after"; empty at the end
	Previous string     `json:"previous,omitempty"` // what to ask for as "before"; empty at the beginning
}

func (a *API) listUsers(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "limit", "after", "before", "search", "email")
	if err != nil {
		return err
	}
	which := account.Query{Search: q["search"]}
	if which.Limit, err = q.limit(); err != nil {
		return err
	}
	if which.After, err = q.place("after", "next"); err != nil {
		return err
	}
	if which.Before, err = q.place("before", "previous"); err != nil {
		return err
	}
	var page account.Page
	if email := q["email"]; email != "" {
		u, err := a.People.ByEmail(r.Context(), email)
		switch {
		case err == nil:
			page.Users = []account.User{u}
		case !errors.Is(err, account.ErrNoUser):
			return err
		}
	} else if page, err = a.People.List(r.Context(), which); err != nil {
		return err
	}
	view := userPage{Users: make([]userView, 0, len(page.Users)), Next: cursorOf(page.Next), Previous: cursorOf(page.Previous)}
	for _, u := range page.Users {
		view.Users = append(view.Users, viewOf(u))
	}
	a.answer(w, http.StatusOK, view)
	return nil
}

// cursorOf returns a place in the list of users as clients get it: as something to hand back, and
// not to reckon with. Zero is empty.
func cursorOf(place int64) string {
	if place == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(binary.AppendVarint(nil, place))
}

// placeOf is the reverse of cursorOf.
func placeOf(cursor string) (place int64, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	place, n := binary.Varint(text)
	return place, err == nil && n > 0 && n == len(text) && place > 0
}
