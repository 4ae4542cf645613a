package api

import (
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

func (a *API) auditRoutes() []Route {
	return []Route{
		{Prefix + "/audit", map[string]Method{
			http.MethodGet: {Admin, a.handle(a.listEntries)},
		}},
	}
}

// entryPage is a part of the audit log, the oldest entry first.
type entryPage struct {
	Entries []audit.Entry `json:"entries"`

	// Next is what to ask for as "after" to read on: also at the end, where more is going to come.
	Next int64 `json:"next"`

	// Previous is what to ask for as "before" to see what is older; 0 where nothing is.
	Previous int64 `json:"previous,omitempty"`
}

// listEntries answers with the newest entries, or with the first ones behind a place.
func (a *API) listEntries(w http.ResponseWriter, r *http.Request) error {
	which, err := readFilter(r)
	if err != nil {
		return err
	}
	entries, err := a.Audit.Entries(r.Context(), which)
	if err != nil {
		return err
	}
	page := entryPage{Entries: []audit.Entry{}, Next: which.After}
	if len(entries) > 0 {
		page.Entries = entries
		page.Next = entries[len(entries)-1].Number
		if !which.Newest || len(entries) == which.Limit {
			page.Previous = entries[0].Number
		}
	}
	if page.Previous == 1 {
		page.Previous = 0
	}
	a.answer(w, http.StatusOK, page)
	return nil
}

func readFilter(r *http.Request) (f audit.Filter, err error) {
	q, err := readQuery(r, "limit", "after", "before", "user", "action", "outcome", "since", "until")
	if err != nil {
		return f, err
	}
	if f.Limit, err = q.limit(); err != nil {
		return f, err
	}
	if f.After, err = q.number("after"); err != nil {
		return f, err
	}
	if f.Before, err = q.number("before"); err != nil {
		return f, err
	}
	if f.UserID, err = q.id("user"); err != nil {
		return f, err
	}
	if f.Since, err = q.time("since"); err != nil {
		return f, err
	}
	if f.Until, err = q.time("until"); err != nil {
		return f, err
	}
	f.Action, f.Outcome = handstamp.Action(q["action"]), handstamp.Outcome(q["outcome"])
	if f.Outcome != "" && f.Outcome != handstamp.Success && f.Outcome != handstamp.Failure {
		return f, badParameter("outcome", "success or failure")
	}
	f.Newest = q["after"] == ""
	return f, nil
}
