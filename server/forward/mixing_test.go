package forward_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/handstamp/handstamp"
)

// TestIdentitiesNeverMix sends the questions of a thousand people over few connections that stay open, among strangers,
// refusals and handlers that panic: every answer names the one who asked, and the app that was asked for.
func TestIdentitiesNeverMix(t *testing.T) {
	const users, rounds, connections = 1000, 4, 8
	d := newDesk(t, testRule)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.ServeHTTP(w, r)
		if r.Header.Get("X-Panic") != "" {
			panic("as told")
		}
		_ = http.NewResponseController(w).Flush() // lets others run
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	transport := client.Transport.(*http.Transport)
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = connections, connections

	var answered, panicked atomic.Int64
	// send returns the answer, and false where a handler panicked as it was told.
	send := func(a ask) (*http.Response, bool) {
		r := a.nginx()
		r.RequestURI, r.Body = "", nil
		var err error
		if r.URL, err = url.Parse(server.URL + "/verify"); err != nil {
			t.Error(err)
			return nil, false
		}
		answer, err := client.Do(r.WithContext(t.Context()))
		if err != nil {
			if len(a.pairs) == 0 {
				t.Error(err)
			}
			panicked.Add(1)
			return nil, false
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		return answer, true
	}
	ask := func(who handstamp.Identity, cookie string, n, round int) {
		host := fmt.Sprintf("app%d.example.com", n%7)
		a := ask{method: "GET", scheme: "https", host: host, uri: fmt.Sprint("/x?n=", n), cookie: cookie}
		status, want := 200, fmt.Sprintf("%s\nuser@example.com\nuser\n%s\nBearer jwt/%s/https://%s", who.UserID, who.SessionID, who.UserID, host)
		switch (n + round) % 5 {
		case 0:
			a.cookie, status, want = "", 401, nobody
		case 1:
			a.pairs = []string{"X-Panic", "yes"}
		case 2:
			a.host, a.uri, status, want = app, "/admin/", 403, nobody
		}
		answer, ok := send(a)
		if !ok {
			return
		}
		if got := identity(answer.Header); answer.StatusCode != status || got != want {
			t.Errorf("user %d, round %d: %d, want %d\n%s\nwant\n%s", n, round, answer.StatusCode, status, got, want)
		}
		answered.Add(1)
	}
	type member struct {
		handstamp.Identity
		cookie string
	}
	var members []member // before anybody reads their emails
	for range users {
		who, cookie := d.enter("user")
		members = append(members, member{who, cookie})
	}
	var all sync.WaitGroup
	for n, who := range members {
		all.Go(func() {
			for round := range rounds {
				ask(who.Identity, who.cookie, n, round)
			}
		})
	}
	all.Wait()
	if panicked.Load() == 0 || answered.Load()+panicked.Load() != users*rounds {
		t.Errorf("%d answered, %d panicked, want %d in all, some of each", answered.Load(), panicked.Load(), users*rounds)
	}
}
