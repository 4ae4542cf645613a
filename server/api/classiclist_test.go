package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/store/memory"
)

// manyUsers returns a store of n users, whose emails count them.
func manyUsers(t *testing.T, n int) *memory.Users {
	t.Helper()
	users := memory.NewUsers()
	now := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	for i := range n {
		email := emailOf(i)
		u := account.User{ID: handstamp.NewID(), Email: email, EmailKey: email, CreatedAt: now, UpdatedAt: now}
		if err := users.Insert(t.Context(), u, account.Write{}); err != nil {
			t.Fatal(err)
		}
	}
	return users
}

// emailOf is long enough to bring a page of users over what a list holds back.
func emailOf(i int) string {
	return fmt.Sprintf("user-%06d-%s@example.com", i, strings.Repeat("x", 100))
}

// start serves the users of store, in JSON as it is encoded.
func start(t *testing.T, store account.Store) *httptest.Server {
	t.Helper()
	a := &api.API{
		Style:  api.Style{NoCodes: true},
		People: account.New(store),
		Log:    slog.New(slog.DiscardHandler),
	}
	s := httptest.NewServer(a.Mux("", a.ClassicRoutes(), nil))
	t.Cleanup(s.Close)
	return s
}

// ask returns the answer to a request for the list of users.
func ask(t *testing.T, s *httptest.Server, method string) (*http.Response, []byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v1/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Client().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

func TestList(t *testing.T) {
	for _, row := range []struct {
		users   int
		chunked bool
	}{
		{0, false},
		{1, false},
		{999, true},
		{1000, true}, // a whole page
		{1001, true},
		{3000, true},
		{200, false},
	} {
		t.Run(strconv.Itoa(row.users), func(t *testing.T) {
			s := start(t, manyUsers(t, row.users))
			response, body, err := ask(t, s, http.MethodGet)
			if err != nil || response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%v %v", response, err)
			}
			if got := len(response.TransferEncoding) > 0; got != row.chunked {
				t.Errorf("chunked: %v, want %v (%d bytes)", got, row.chunked, len(body))
			}
			if !row.chunked && response.ContentLength != int64(len(body)) {
				t.Errorf("Content-Length %d of %d", response.ContentLength, len(body))
			}
			var users []struct{ Email string }
			if err := json.Unmarshal(body, &users); err != nil || users == nil || len(users) != row.users {
				t.Fatalf("%d users, want %d: %v", len(users), row.users, err)
			}
			for i, u := range users {
				if u.Email != emailOf(i) {
					t.Fatalf("at %d stands %s, who is not in the order of insertion", i, u.Email)
				}
			}

			head, none, err := ask(t, s, http.MethodHead)
			if err != nil || head.StatusCode != http.StatusOK || len(none) != 0 {
				t.Fatalf("HEAD: %v %v, %d bytes", head, err, len(none))
			}
			for _, name := range []string{"Content-Length", "Content-Type"} {
				if got, want := head.Header.Get(name), response.Header.Get(name); got != want {
					t.Errorf("HEAD: %s %q, and GET: %q", name, got, want)
				}
			}
		})
	}
}

// errDisk is what a failing store says.
var errDisk = errors.New("disk on fire")

// failing is a store that fails at the second page of a list.
type failing struct{ account.Store }

func (f failing) List(ctx context.Context, q account.Query) ([]account.User, error) {
	if q.After > 0 {
		return nil, errDisk
	}
	return f.Store.List(ctx, q)
}

// TestListThatFails: a client must not take half of a list for the whole.
func TestListThatFails(t *testing.T) {
	t.Run("after some of it was sent", func(t *testing.T) {
		s := start(t, failing{manyUsers(t, 3000)})
		response, body, err := ask(t, s, http.MethodGet)
		if err == nil {
			t.Errorf("%s with %d bytes looks like the whole list", response.Status, len(body))
		}
		response, err = s.Client().Get(s.URL + "/api/v1/status")
		if err != nil || response.Body.Close() != nil || response.StatusCode != http.StatusOK {
			t.Errorf("the server does not live on: %v %v", response, err)
		}
	})
	t.Run("before", func(t *testing.T) {
		s := start(t, failing{short{manyUsers(t, 2000)}})
		response, body, err := ask(t, s, http.MethodGet)
		if err != nil || response.StatusCode != http.StatusServiceUnavailable ||
			response.Header.Get("Retry-After") != "1" || string(body) != "{\"error\":\"Service unavailable\"}\n" {
			t.Errorf("%v %v %.80q", response, err, body)
		}
	})
}

// short is a store of users with short emails, a page of which is less than a list holds back.
type short struct{ account.Store }

func (s short) List(ctx context.Context, q account.Query) ([]account.User, error) {
	users, err := s.Store.List(ctx, q)
	for i := range users {
		users[i].Email = "a@b.c"
	}
	return users, err
}

// TestListForOneWhoLeaves: a list that nobody reads any more is not read from the store either.
func TestListForOneWhoLeaves(t *testing.T) {
	pages := &counting{Store: manyUsers(t, 20_000)}
	a := &api.API{People: account.New(pages), Log: slog.New(slog.DiscardHandler)}
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler {
			t.Errorf("recovered %v, want http.ErrAbortHandler", cause)
		}
		if pages.n > 2 {
			t.Errorf("%d pages were read for nobody", pages.n)
		}
	}()
	r := httptest.NewRequest("GET", "/api/v1/users", nil)
	a.Mux("", a.ClassicRoutes(), nil).ServeHTTP(gone{httptest.NewRecorder()}, r)
}

// counting counts the pages that are read.
type counting struct {
	account.Store
	n int
}

func (c *counting) List(ctx context.Context, q account.Query) ([]account.User, error) {
	c.n++
	return c.Store.List(ctx, q)
}

// gone is a client that has hung up.
type gone struct{ http.ResponseWriter }

func (gone) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
