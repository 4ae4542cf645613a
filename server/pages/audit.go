package pages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
)

// recent returns the newest entries of the audit log that which selects.
func (v *visit) recent(which audit.Filter) ([]entryRow, error) {
	if v.api.Audit == nil {
		return nil, nil
	}
	which.Newest, which.Limit = true, recentRows
	entries, err := v.api.Audit.Entries(v.r.Context(), which)
	if err != nil {
		return nil, err
	}
	return v.entryRows(entries)
}

// entryRows returns entries for a list, the newest first.
func (v *visit) entryRows(entries []audit.Entry) ([]entryRow, error) {
	names := make(map[handstamp.ID]string)
	nameOf := func(id handstamp.ID) (string, error) {
		if id.IsZero() {
			return "", nil
		}
		name, known := names[id]
		if !known {
			u, err := v.api.People.User(v.r.Context(), id)
			if err != nil && !errors.Is(err, account.ErrNoUser) {
				return "", err
			}
			if name = u.Email; name == "" {
				name = id.String() // of somebody who is gone
			}
			names[id] = name
		}
		return name, nil
	}
	rows := make([]entryRow, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		row := entryRow{
			Number: e.Number, At: e.At, Action: e.Action, Failed: e.Outcome == handstamp.Failure, Reason: e.Reason,
			ActorID: e.ActorID, UserID: e.UserID, Device: v.device(e.Device),
		}
		if e.Address.IsValid() {
			row.Address = e.Address.String()
		}
		var err error
		if row.Actor, err = nameOf(e.ActorID); err != nil {
			return nil, err
		}
		if row.Actor == "" {
			row.Actor = e.Actor
		}
		if row.Subject, err = nameOf(e.UserID); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// showAudit lists the entries that the form above them selects.
func (v *visit) showAudit() error {
	asked := v.r.URL.Query()
	body := auditBody{
		Filter: auditFilter{
			User: asked.Get("user"), Action: asked.Get("action"), Outcome: asked.Get("outcome"),
			Since: asked.Get("since"), Until: asked.Get("until"),
		},
		Actions: v.actions(),
	}
	filter, problems, err := v.filterOf(body.Filter)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return v.showWith(http.StatusBadRequest, "audit", body, message{errors: problems})
	}
	filter.Limit = rowsPerPage + 1
	after, goesUp := number(asked, afterParameter)
	before, goesDown := number(asked, beforeParameter)
	switch {
	case goesUp:
		filter.After = after
	case goesDown:
		filter.Before = before
	}
	filter.Newest = !goesUp
	entries, err := v.api.Audit.Entries(v.r.Context(), filter)
	if err != nil {
		return err
	}
	hasMore := len(entries) > rowsPerPage
	if hasMore && goesUp {
		entries = entries[:rowsPerPage]
	} else if hasMore {
		entries = entries[1:]
	}
	if body.Rows, err = v.entryRows(entries); err != nil {
		return err
	}
	if len(entries) > 0 {
		if hasMore || goesUp {
			body.Older = v.auditURL(asked, beforeParameter, entries[0].Number)
		}
		if goesUp && hasMore || !goesUp && goesDown {
			body.Newer = v.auditURL(asked, afterParameter, entries[len(entries)-1].Number)
		}
	}
	return v.show(http.StatusOK, "audit", body)
}

// actions returns all that the log can tell of, in the order of what it is called.
func (v *visit) actions() []handstamp.Action {
	var actions []handstamp.Action
	for _, key := range v.texts.Keys() {
		if action, ok := strings.CutPrefix(key, actionText); ok {
			actions = append(actions, handstamp.Action(action))
		}
	}
	slices.SortFunc(actions, func(a, b handstamp.Action) int {
		return strings.Compare(v.say(actionText+string(a)), v.say(actionText+string(b)))
	})
	return actions
}

// auditURL returns where the list of entries goes on.
func (v *visit) auditURL(asked url.Values, parameter string, number int64) string {
	query := url.Values{parameter: {strconv.FormatInt(number, 10)}}
	for _, name := range []string{"user", "action", "outcome", "since", "until"} {
		if value := asked.Get(name); value != "" {
			query.Set(name, value)
		}
	}
	return v.path(adminAuditPath) + "?" + query.Encode()
}

// filterOf returns what the form above the audit log selects, or what is wrong with its fields.
func (v *visit) filterOf(typed auditFilter) (f audit.Filter, problems map[string]string, err error) {
	problems = make(map[string]string)
	if typed.User != "" {
		if id, parseErr := handstamp.ParseID(typed.User); parseErr == nil {
			f.UserID = id
		} else if u, findErr := v.api.People.ByEmail(v.r.Context(), typed.User); findErr == nil {
			f.UserID = u.ID
		} else if errors.Is(findErr, account.ErrNoUser) {
			problems["user"] = v.say("audit.unknown_user")
		} else {
			return f, nil, findErr
		}
	}
	if action := handstamp.Action(typed.Action); slices.Contains(v.actions(), action) {
		f.Action = action
	}
	if o := handstamp.Outcome(typed.Outcome); o == handstamp.Success || o == handstamp.Failure {
		f.Outcome = o
	}
	for name, day := range map[string]string{"since": typed.Since, "until": typed.Until} {
		if day == "" {
			continue
		}
		at, ok := date(day)
		switch {
		case !ok:
			problems[name] = v.say("audit.bad_date")
		case name == "since":
			f.Since = at
		default:
			f.Until = at.Add(24 * time.Hour) // the whole day
		}
	}
	return f, problems, nil
}

// date returns a day that was chosen in a form.
func date(typed string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, typed)
	return day, err == nil
}
