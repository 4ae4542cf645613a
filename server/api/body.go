package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
)

// members are those of the JSON object in the body of a request. What they return as an error is a
// [Problem] that names the member.
type members jsonobject.Object

// readMembers reads r's body, which may have the members that are named and no others: one that is
// misspelt, or that nobody may set, must not seem to have been taken.
func readMembers(r *http.Request, names ...string) (members, error) {
	object, err := jsonobject.ReadStrict(r)
	if err != nil {
		return nil, bodyProblem(err)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(names, name) {
			return nil, wrongFormat.because(fmt.Sprintf("There is no member %.100q here", name))
		}
	}
	return members(object), nil
}

func (m members) has(name string) bool {
	_, there := m[name]
	return there
}

// text returns a member that is a text, or nil where it is absent.
func (m members) text(name string) (*string, error) {
	text, err := m.textOrNull(name)
	if err == nil && text == nil && m.has(name) {
		return nil, notText(name)
	}
	return text, err
}

// textOrNull returns a member that is a text or null, and nil also where it is absent.
func (m members) textOrNull(name string) (*string, error) {
	text, err := jsonobject.Object(m).Text(name)
	if err != nil {
		return nil, notText(name)
	}
	return text, nil
}

// required returns a member that is a text and must be there, also as an empty one.
func (m members) required(name string) (string, error) {
	text, err := m.text(name)
	switch {
	case err != nil:
		return "", err
	case text == nil:
		return "", missing(name)
	default:
		return *text, nil
	}
}

// flag returns a member that is true or false, or nil where it is absent.
func (m members) flag(name string) (*bool, error) {
	var value bool
	switch raw, there := m[name]; {
	case !there:
		return nil, nil
	case string(raw) == "true":
		value = true
	case string(raw) != "false":
		return nil, wrongFormat.because(fmt.Sprintf("The member %q is neither true nor false", name))
	}
	return &value, nil
}

func notText(name string) Problem {
	return wrongFormat.because(fmt.Sprintf("The member %q is not a text", name))
}

func missing(name string) Problem {
	return missingMember.because(fmt.Sprintf("The member %q is missing", name))
}

// readCredentials returns the email and the password in r's body, which is JSON or a form.
func readCredentials(r *http.Request) (email, plain string, err error) {
	if !jsonobject.IsJSON(r) {
		fields, err := form.Read(r)
		if err != nil {
			return "", "", bodyProblem(err)
		}
		for _, name := range []string{"email", "password"} {
			if fields[name] == "" {
				return "", "", missing(name)
			}
		}
		return fields["email"], fields["password"], nil
	}
	body, err := readMembers(r, "email", "password")
	if err != nil {
		return "", "", err
	}
	if email, err = body.required("email"); err != nil {
		return "", "", err
	}
	plain, err = body.required("password")
	return email, plain, err
}

// isEmptyBody reports whether r has no body. One that it has can be read as before.
func isEmptyBody(r *http.Request) (bool, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return false, bodyProblem(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return len(text) == 0, nil
}

// bodyProblem returns what err, an error of reading a body, means to the client.
func bodyProblem(err error) Problem {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge
	}
	return wrongFormat
}
