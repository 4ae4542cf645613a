package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/session"
)

// maxDataDepth is how deep a value in the data bag may be nested.
const maxDataDepth = 32

func (a *API) dataRoutes() []Route {
	return []Route{
		{Prefix + "/auth_session/data", map[string]Method{
			http.MethodGet:    {Session, a.handle(a.showData)},
			http.MethodPut:    {Session, a.handle(a.replaceData)},
			http.MethodDelete: {Session, a.handle(a.emptyData)},
		}},
		{Prefix + "/auth_session/data/{key}", map[string]Method{
			http.MethodGet:    {Session, a.handle(a.showValue)},
			http.MethodPut:    {Session, a.handle(a.setValue)},
			http.MethodDelete: {Session, a.handle(a.removeValue)},
		}},
	}
}

func (a *API) showData(w http.ResponseWriter, r *http.Request) error {
	data, revision, err := a.dataOf(r)
	if err != nil {
		return err
	}
	return a.answerData(w, r, data, revision)
}

func (a *API) showValue(w http.ResponseWriter, r *http.Request) error {
	key, err := dataKey(r)
	if err != nil {
		return err
	}
	data, revision, err := a.dataOf(r)
	if err != nil {
		return err
	}
	value, there := data[key]
	if !there {
		return NotFound
	}
	return a.answerData(w, r, value, revision)
}

func (a *API) dataOf(r *http.Request) (session.Data, int64, error) {
	return a.Sessions.Data(r.Context(), a.ownToken(r))
}

// answerData answers with something that exists, unless the client has it already.
func (a *API) answerData(w http.ResponseWriter, r *http.Request, body any, revision int64) error {
	asked, err := readConditions(r.Header)
	if err != nil {
		return err
	}
	tag := etagOf(revision)
	if !asked.matches(true, tag) {
		return preconditionFailed
	}
	w.Header().Set("ETag", tag)
	if !asked.noneMatches(true, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	a.answer(w, http.StatusOK, body)
	return nil
}

// replaceData puts another data bag in the place of the one that is there.
func (a *API) replaceData(w http.ResponseWriter, r *http.Request) error {
	text, err := readDataValue(r, maxDataDepth+1)
	if err != nil {
		return err
	}
	var fresh session.Data
	if err := json.Unmarshal(text, &fresh); err != nil || fresh == nil {
		return wrongFormat.because("The session data is an object")
	}
	for key := range fresh {
		if err := checkDataKey(key); err != nil {
			return err
		}
	}
	return a.changeData(w, r, everything, func(data session.Data) error {
		clear(data)
		for key, value := range fresh {
			data[key] = value
		}
		return nil
	})
}

func (a *API) emptyData(w http.ResponseWriter, r *http.Request) error {
	return a.changeData(w, r, everything, func(data session.Data) error {
		clear(data)
		return nil
	})
}

func (a *API) setValue(w http.ResponseWriter, r *http.Request) error {
	key, err := dataKey(r)
	if err != nil {
		return err
	}
	value, err := readDataValue(r, maxDataDepth)
	if err != nil {
		return err
	}
	return a.changeData(w, r, only(key), func(data session.Data) error {
		data[key] = value
		return nil
	})
}

func (a *API) removeValue(w http.ResponseWriter, r *http.Request) error {
	key, err := dataKey(r)
	if err != nil {
		return err
	}
	// What is not there is 404 whatever the conditions are (RFC 9110, section 13.2.1).
	data, _, err := a.dataOf(r)
	if err != nil {
		return err
	}
	if !only(key)(data) {
		return NotFound
	}
	return a.changeData(w, r, only(key), func(data session.Data) error {
		if !only(key)(data) {
			return NotFound
		}
		delete(data, key)
		return nil
	})
}

// everything and only say whether what a path names exists.
func everything(session.Data) bool { return true }

func only(key string) func(session.Data) bool {
	return func(data session.Data) bool {
		_, there := data[key]
		return there
	}
}

// readDataValue reads the JSON value in r's body.
func readDataValue(r *http.Request, depth int) (json.RawMessage, error) {
	value, err := jsonobject.ReadValue(r, depth)
	if errors.Is(err, jsonobject.ErrFormat) {
		return nil, wrongFormat.because(fmt.Sprintf(
			"The body is not one JSON value without names that come twice, nested up to %d deep", depth))
	}
	if err != nil {
		return nil, bodyProblem(err)
	}
	return value, nil
}

// dataKey returns the key that r's path names.
func dataKey(r *http.Request) (string, error) {
	key := r.PathValue("key")
	return key, checkDataKey(key)
}

func checkDataKey(key string) error {
	switch {
	case key == "":
		return wrongFormat.because("A key is empty")
	case len(key) > session.MaxDataKey:
		return wrongFormat.because(fmt.Sprintf("A key is longer than %d bytes", session.MaxDataKey))
	case strings.ToValidUTF8(key, "") != key, strings.ContainsFunc(key, unicode.IsControl):
		return wrongFormat.because("A key has characters that are no text")
	}
	return nil
}
