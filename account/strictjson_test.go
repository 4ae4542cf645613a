package account_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/store/memory"
)

// TestSignInJSONHasOneReading: a body that two readers could read differently is refused, as the
// reader in front may be one that limits attempts by email.
func TestSignInJSONHasOneReading(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	addBob(t, people)
	h := people.SignIn(newSessions(t))
	good := jsonOf(bobsEmail, bobsPassword)
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"the same member twice": {`{"email":"eve@x.de",` + good[1:], http.StatusBadRequest},
		"in other letter case":  {`{"EMAIL":"` + bobsEmail + `","Password":"` + bobsPassword + `"}`, http.StatusBadRequest},
		"something behind":      {good + `{"email":"eve@x.de"}`, http.StatusBadRequest},
		"garbage behind":        {good + "x", http.StatusBadRequest},
		"not UTF-8":             {strings.Replace(good, `{"email"`, "{\"x\xff\":1,\"email\"", 1), http.StatusBadRequest},
		"too much behind":       {good + strings.Repeat(" ", 64<<10), http.StatusRequestEntityTooLarge},
	} {
		if answer, body := signIn(h, jsonType, c.body); answer.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", name, answer.StatusCode, strings.TrimSpace(body), c.status)
		}
	}
}
