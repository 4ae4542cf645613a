package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
)

// A query is the parameters in the URL of a request. What it returns as an error is a [Problem] that
// names the parameter. One that is absent is as good as an empty one.
type query map[string]string

// readQuery returns r's parameters, which may be those that are named, each once: whoever misspells
// ?user= must not end the own sessions in place of somebody else's.
func readQuery(r *http.Request, names ...string) (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, wrongFormat.because("The query cannot be read")
	}
	q := make(query, len(values))
	for name, all := range values {
		switch {
		case !slices.Contains(names, name):
			return nil, wrongFormat.because(fmt.Sprintf("There is no parameter %.100q here", name))
		case len(all) > 1:
			return nil, wrongFormat.because(fmt.Sprintf("The parameter %q is there twice", name))
		}
		q[name] = all[0]
	}
	return q, nil
}

func badParameter(name, want string) Problem {
	return wrongFormat.because(fmt.Sprintf("The parameter %q is not %s", name, want))
}

// Limits of how many things a page of a list has.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// limit returns how many things are wanted at most.
func (q query) limit() (int, error) {
	if q["limit"] == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(q["limit"])
	if err != nil || n < 1 || n > maxLimit {
		return 0, badParameter("limit", fmt.Sprintf("a number from 1 to %d", maxLimit))
	}
	return n, nil
}

// number returns a parameter that counts something, or 0.
func (q query) number(name string) (int64, error) {
	if q[name] == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(q[name], 10, 64)
	if err != nil || n < 0 {
		return 0, badParameter(name, "a number")
	}
	return n, nil
}

// place returns a parameter that is the cursor of a place in the list of users, or 0.
func (q query) place(name, cameAs string) (int64, error) {
	if q[name] == "" {
		return 0, nil
	}
	place, ok := placeOf(q[name])
	if !ok {
		return 0, badParameter(name, fmt.Sprintf("what came as %q", cameAs))
	}
	return place, nil
}

// id returns a parameter that is an ID, or the zero ID.
func (q query) id(name string) (handstamp.ID, error) {
	if q[name] == "" {
		return handstamp.ID{}, nil
	}
	id, err := handstamp.ParseID(q[name])
	if err != nil {
		return handstamp.ID{}, badParameter(name, "an id")
	}
	return id, nil
}

// time returns a parameter that is a time, or the zero time.
func (q query) time(name string) (time.Time, error) {
	if q[name] == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, q[name])
	if err != nil {
		return time.Time{}, badParameter(name, "a time such as 2026-01-31T12:00:00Z (RFC 3339)")
	}
	return at, nil
}

// flag returns a parameter that is true or false.
func (q query) flag(name string) (bool, error) {
	switch q[name] {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, badParameter(name, "true or false")
	}
}
