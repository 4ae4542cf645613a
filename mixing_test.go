package handstamp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// A person is somebody whose requests carry either a session cookie or a Basic pair.
type person struct {
	id     handstamp.ID
	cookie *http.Cookie
	name   string
}

func (p person) sign(r *http.Request) {
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	} else {
		r.SetBasicAuth(p.name, "password of "+p.name)
	}
}

// echoServer answers with the user's ID, at the start and again after others had their turn. Under
// /panic its handler panics after that.
func echoServer(guard *handstamp.Guard) *httptest.Server {
	mux := http.NewServeMux()
	echo := func(w http.ResponseWriter, r *http.Request) {
		who, _ := handstamp.From(r.Context())
		_, _ = fmt.Fprintln(w, who.UserID)
		_ = http.NewResponseController(w).Flush() // lets others run
		who, _ = handstamp.From(r.Context())
		_, _ = fmt.Fprintln(w, who.UserID)
		if r.URL.Path == "/panic" {
			panic("as told")
		}
	}
	mux.HandleFunc("/", echo)
	server := httptest.NewUnstartedServer(guard.Require()(mux))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	return server
}

// TestIdentitiesNeverMix sends the requests of many people over few connections, among handlers
// that panic and requests without a credential: every answer names the one who asked.
func TestIdentitiesNeverMix(t *testing.T) {
	const users, rounds, connections = 200, 12, 8
	sessions := session.New(memory.New())
	defer sessions.Close()
	basic := &account.Basic{Verify: func(_ context.Context, name, password string) (handstamp.Identity, error) {
		if password != "password of "+name {
			return handstamp.Identity{}, handstamp.ErrBadCredential
		}
		return handstamp.Identity{UserID: handstamp.IDOf(name), Name: name}, nil
	}}
	server := echoServer(handstamp.NewGuard(sessions, basic))
	defer server.Close()
	client := server.Client()
	transport := client.Transport.(*http.Transport)
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = connections, connections

	var opened, answered, panicked atomic.Int64
	ask := func(p person, path string, signed bool) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, http.NoBody)
		if err != nil {
			t.Error(err)
			return
		}
		if signed {
			p.sign(r)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if !signed {
			if answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("no credential: %d %q", answer.StatusCode, body)
			}
			opened.Add(1)
			return
		}
		// A handler that panics cuts its answer off, and what came before has to be right.
		if err != nil && path == "/panic" {
			panicked.Add(1)
		} else if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if want := strings.Repeat(p.id.String()+"\n", 2); string(body) != want && (err == nil || !strings.HasPrefix(want, string(body))) {
			t.Errorf("%s of %v answered %q", path, p.id, body)
		}
		answered.Add(1)
	}

	var all sync.WaitGroup
	for n := range users {
		p := person{name: fmt.Sprint("user ", n)}
		p.id = handstamp.IDOf(p.name)
		if n%2 == 0 {
			_, token, err := sessions.Begin(t.Context(), handstamp.Identity{UserID: p.id})
			if err != nil {
				t.Fatal(err)
			}
			p.cookie = &http.Cookie{Name: "__Host-session", Value: string(token)}
		}
		all.Go(func() {
			for round := range rounds {
				switch (n + round) % 7 {
				case 0:
					ask(p, "/panic", true)
				case 1:
					ask(p, "/echo", false)
				default:
					ask(p, "/echo", true)
				}
			}
		})
	}
	all.Wait()
	if opened.Load() == 0 || panicked.Load() == 0 || answered.Load()+opened.Load() != users*rounds {
		t.Errorf("%d answered, %d of them panics, %d without credential; want %d in all, some of each",
			answered.Load(), panicked.Load(), opened.Load(), users*rounds)
	}
}

// TestLiveSessionCostsNoAllocation is the promise that a request with a live session neither
// allocates nor leaves the process on its way through the Guard.
func TestLiveSessionCostsNoAllocation(t *testing.T) {
	sessions := session.New(memory.New())
	defer sessions.Close()
	user := handstamp.NewID()
	_, token, err := sessions.Begin(t.Context(), handstamp.Identity{UserID: user, Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	guard := handstamp.NewGuard(sessions, &account.Basic{Realm: "x"})
	r := get("/")
	r.Header.Set("Cookie", "theme=dark; __Host-session="+string(token)+"; lang=de")
	allocations := testing.AllocsPerRun(1000, func() {
		if who, err := guard.Identify(r); err != nil || who.UserID != user || who.Role != "admin" {
			t.Fatalf("Identify = %v, %v", who, err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations for a live session, want none", allocations)
	}
}
