package remotestore_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/remotestore"
)

func newClients() *memory.Clients { return memory.NewClients() }

// An answers is a server that answers everything in one way.
type answers struct {
	status int
	body   func() io.Reader
	header http.Header
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Header: a.header, Body: io.NopCloser(a.body()), Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// TestOddAnswers: what is not the server's word is a store that is broken, and never a session that has ended.
func TestOddAnswers(t *testing.T) {
	_, secret, err := client.New(newClients()).Add(t.Context(), "shop", client.ScopeVerify)
	if err != nil {
		t.Fatal(err)
	}
	const gone = `{"error":"There is no such session","code":"session_gone"}`
	record := fmt.Sprintf(`{"incarnation":"","record":{"hash":%q}}`, strings.Repeat("ab", 32))
	for name, test := range map[string]struct {
		status int
		body   string
		isGone bool
	}{
		"the server's word":         {404, gone, true},
		"a proxy's 404":             {404, "<html>not found", false},
		"a 404 without a code":      {404, `{"error":"Not found","code":"not_found"}`, false},
		"the word with 200":         {200, gone, false},
		"the word with 401":         {401, gone, false},
		"the word with 503":         {503, gone, false},
		"a redirect":                {302, "", false},
		"another session":           {200, record, false},
		"nothing":                   {200, "", false},
		"no JSON":                   {200, "<html>", false},
		"a login page":              {401, "<html>log in", false},
		"more than anybody can say": {200, "endless", false},
	} {
		body := func() io.Reader { return strings.NewReader(test.body) }
		if test.body == "endless" {
			body = func() io.Reader { return endless{} }
		}
		transport := answers{test.status, body, http.Header{"Location": {"https://evil.example"}}}
		s, err := remotestore.Open("https://login.internal", string(secret), remotestore.Config{Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Load(t.Context(), session.RandomToken().Hash())
		if err == nil || errors.Is(err, session.ErrGone) != test.isGone {
			t.Errorf("%s: %v", name, err)
		}
		if len(err.Error()) > 600 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
		s.Close()
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}
