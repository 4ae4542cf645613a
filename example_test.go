package handstamp_test

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// show sends a GET request for path to h, with a Basic pair unless name is empty, and prints
// what comes back.
func show(h http.Handler, path, name, password string) {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	if name != "" {
		r.SetBasicAuth(name, password)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(path, w.Code, w.Body.String())
}

// One Guard around a whole mux: what nobody thought of is protected.
func Example() {
	basic := &account.Basic{Realm: "Login Required", Verify: func(_ context.Context, name, password string) (handstamp.Identity, error) {
		if name != "bob" || subtle.ConstantTimeCompare([]byte(password), []byte("a long secret")) == 0 {
			return handstamp.Identity{}, handstamp.ErrBadCredential
		}
		return handstamp.Identity{Name: name, Role: "editor"}, nil
	}}
	guard := handstamp.NewGuard(basic)
	guard.Public = []string{"/status", "/static/*"}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "OK")
	})
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		who, _ := handstamp.From(r.Context())
		_, _ = fmt.Fprintf(w, "hello %s, by %v", who.Name, who.Method)
	})
	app := guard.Require()(mux)

	show(app, "/status", "", "")
	show(app, "/hello", "", "")
	show(app, "/hello", "bob", "a guess")
	show(app, "/hello", "bob", "a long secret")
	// Output:
	// /status 200 OK
	// /hello 401 Unauthorized
	// /hello 401 Unauthorized
	// /hello 200 hello bob, by basic
}

// Sessions and Basic credentials at one door, and a stricter rule behind it.
func ExampleGuard_Require() {
	ctx := context.Background()
	people := account.New(memory.NewUsers())
	sessions := session.New(memory.New())
	defer sessions.Close()
	_, err := people.Create(ctx, account.Details{Email: "bob@hbtn.io", Password: "H0lbertonSchool98!", Role: "editor"})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "welcome") })

	mux := http.NewServeMux()
	mux.Handle("POST /login", people.SignIn(sessions))
	mux.Handle("GET /me", guard.Require()(page))
	mux.Handle("GET /admin", guard.Require(handstamp.Role("admin"), handstamp.Fresh(5*time.Minute))(page))

	show(mux, "/me", "bob@hbtn.io", "H0lbertonSchool98!")
	show(mux, "/admin", "bob@hbtn.io", "H0lbertonSchool98!")
	// Output:
	// /me 200 welcome
	// /admin 403 Forbidden
}

// An API answers in JSON.
func ExampleGuard_refuse() {
	guard := handstamp.NewGuard(&account.Basic{})
	guard.Refuse = func(w http.ResponseWriter, _ *http.Request, err error) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(handstamp.StatusOf(err))
		_, _ = fmt.Fprintf(w, `{"error":%q}`, http.StatusText(handstamp.StatusOf(err)))
	}
	show(guard.Require()(http.NotFoundHandler()), "/users", "", "")
	// Output: /users 401 {"error":"Unauthorized"}
}

// A Policy is a function; the error says how the request is refused.
func ExamplePolicy() {
	notOnSundays := func(now time.Time) handstamp.Policy {
		return func(context.Context, handstamp.Identity) error {
			if now.Weekday() == time.Sunday {
				return fmt.Errorf("%w: it is Sunday", handstamp.ErrForbidden)
			}
			return nil
		}
	}
	sunday := time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	err := notOnSundays(sunday)(context.Background(), handstamp.Identity{Name: "bob"})
	fmt.Println(handstamp.StatusOf(err), err)
	// Output: 403 forbidden: it is Sunday
}

// People who are kept elsewhere still need user IDs: the same name always gives the same one.
func ExampleIDOf() {
	id := handstamp.IDOf("bob@hbtn.io")
	again, err := handstamp.ParseID(id.String())
	fmt.Println(id, again == id, err)

	_, err = handstamp.ParseID("C8EFD25B-4BC7-8B2C-AB49-0DFAF130FA68")
	fmt.Println(errors.Is(err, handstamp.ErrID))
	// Output:
	// c8efd25b-4bc7-8b2c-ab49-0dfaf130fa68 true <nil>
	// true
}
