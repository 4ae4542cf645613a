package handstamp_test

import (
	"bufio"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
)

// An answerer is an Authenticator that gives one answer and counts how often it is asked.
type answerer struct {
	who       handstamp.Identity
	err       error
	challenge string
	asked     int
}

func (a *answerer) Authenticate(*http.Request) (handstamp.Identity, error) {
	a.asked++
	return a.who, a.err
}

func (a *answerer) Challenge(error) string { return a.challenge }

var (
	alice = handstamp.Identity{UserID: handstamp.IDOf("alice"), Name: "alice", Role: "admin", Method: handstamp.MethodBasic}
	bob   = handstamp.Identity{UserID: handstamp.IDOf("bob"), Name: "bob", Method: handstamp.MethodBasic}

	errDown = errors.New("store is down")
)

// serve gives r to h and returns the answer.
func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// readRequest reads a request with this target as a server would, without the cleaning that
// clients and test helpers do. It returns nil when a server would answer 400 itself.
func readRequest(method, target string) *http.Request {
	raw := method + " " + target + " HTTP/1.1\r\nHost: app.test\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return nil
	}
	return r
}

// get returns a GET request for path.
func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, http.NoBody) }

// mustParse returns the ID that text spells.
func mustParse(t testing.TB, text string) handstamp.ID {
	t.Helper()
	id, err := handstamp.ParseID(text)
	if err != nil {
		t.Fatalf("ParseID(%q): %v", text, err)
	}
	return id
}
