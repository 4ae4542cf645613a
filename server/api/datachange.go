package api

import (
	"errors"
	"net/http"

	"github.com/handstamp/handstamp/session"
)

// maxTries is how often a conditional change is tried again when others change the same session.
const maxTries = 32

// changeData changes the data bag if what the request says of it is so, and answers. Without such
// conditions, changes that are made at the same time are all kept; with them, nothing may have changed
// between the look and the write.
func (a *API) changeData(w http.ResponseWriter, r *http.Request, exists func(session.Data) bool, change func(session.Data) error) error {
	asked, err := readConditions(r.Header)
	if err != nil {
		return err
	}
	revision := int64(0)
	if asked.any() {
		revision, err = a.changeDataIf(r, asked, exists, change)
	} else {
		revision, err = a.Sessions.Update(r.Context(), a.ownToken(r), change)
	}
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etagOf(revision))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) changeDataIf(r *http.Request, asked conditions, exists func(session.Data) bool, change func(session.Data) error) (int64, error) {
	token := a.ownToken(r)
	for range maxTries {
		data, revision, err := a.dataOf(r)
		if err != nil {
			return 0, err
		}
		there, tag := exists(data), etagOf(revision)
		if !asked.matches(there, tag) || !asked.noneMatches(there, tag) {
			return 0, preconditionFailed
		}
		revision, err = a.Sessions.UpdateIf(r.Context(), token, revision, change)
		if !errors.Is(err, session.ErrConflict) {
			return revision, err
		}
	}
	return 0, session.ErrConflict
}
