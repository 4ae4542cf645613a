package handstamp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
)

var (
	errNone = fmt.Errorf("no cookie: %w", handstamp.ErrNoCredential)
	errBad  = fmt.Errorf("unknown session: %w", handstamp.ErrBadCredential)
)

// TestIdentify asks Authenticators in turn, and notes how far it gets.
func TestIdentify(t *testing.T) {
	type answers []answerer
	for _, c := range []struct {
		name  string
		given answers
		who   handstamp.Identity
		err   error // that the answer wraps
		asked []int
	}{
		{"nobody to ask", nil, handstamp.Identity{}, handstamp.ErrNoCredential, nil},
		{"the first knows", answers{{who: alice}, {who: bob}}, alice, nil, []int{1, 0}},
		{"the second knows", answers{{err: errNone}, {who: bob}}, bob, nil, []int{1, 1}},
		{"bad, and the second knows", answers{{err: errBad}, {who: bob}}, bob, nil, []int{1, 1}},
		{"none of all", answers{{err: errNone}, {err: errNone}}, handstamp.Identity{}, handstamp.ErrNoCredential, []int{1, 1}},
		{"bad then none", answers{{err: errBad}, {err: errNone}}, handstamp.Identity{}, handstamp.ErrBadCredential, []int{1, 1}},
		{"none then bad", answers{{err: errNone}, {err: errBad}}, handstamp.Identity{}, handstamp.ErrBadCredential, []int{1, 1}},
		{"broken ends it", answers{{err: errDown}, {who: bob}}, handstamp.Identity{}, errDown, []int{1, 0}},
		{"none, then broken", answers{{err: errNone}, {err: errDown}, {who: bob}}, handstamp.Identity{}, errDown, []int{1, 1, 0}},
		{"bad, then broken", answers{{err: errBad}, {err: errDown}}, handstamp.Identity{}, errDown, []int{1, 1}},
		{"an identity beside an error", answers{{who: alice, err: errBad}}, handstamp.Identity{}, handstamp.ErrBadCredential, []int{1}},
		{"an identity beside broken", answers{{who: alice, err: errDown}}, handstamp.Identity{}, errDown, []int{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all []handstamp.Authenticator
			for i := range c.given {
				all = append(all, &c.given[i])
			}
			who, err := handstamp.NewGuard(all...).Identify(get("/"))
			if who != c.who || !errors.Is(err, c.err) {
				t.Errorf("got %v and %v, want %v and %v", who, err, c.who, c.err)
			}
			var asked []int
			for _, a := range c.given {
				asked = append(asked, a.asked)
			}
			if diff := cmp.Diff(c.asked, asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestZeroIdentityIsRefused: a yes that names nobody is a bug, and opens nothing.
func TestZeroIdentityIsRefused(t *testing.T) {
	second := &answerer{who: bob}
	nobody := &answerer{who: handstamp.Identity{Role: "admin", Method: handstamp.MethodSession, SessionID: handstamp.NewID()}}
	guard := handstamp.NewGuard(nobody, second)
	who, err := guard.Identify(get("/"))
	if err == nil || !who.IsZero() || who.Role != "" || handstamp.StatusOf(err) != http.StatusServiceUnavailable {
		t.Errorf("Identify = %+v, %v; want nobody and an error that means 503", who, err)
	}
	if second.asked != 0 {
		t.Error("asked further after a bug")
	}
}

// answerOf sends a request for /x through a Guard and returns its answer and body, whether the
// handler was reached, and what was logged.
func answerOf(t *testing.T, guard *handstamp.Guard, policies ...handstamp.Policy) (answer *http.Response, body string, reached bool, logged string) {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached = true
		_, _ = io.WriteString(w, "hello")
	})
	answer = serve(guard.Require(policies...)(next), get("/x"))
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text), reached, log.String()
}

// TestRequireAnswers is what a client gets.
func TestRequireAnswers(t *testing.T) {
	no := func(context.Context, handstamp.Identity) error { return handstamp.ErrForbidden }
	broken := func(context.Context, handstamp.Identity) error { return errDown }
	for _, c := range []struct {
		name       string
		err        error
		policy     handstamp.Policy
		status     int
		body       string
		challenges []string
		retry      string
	}{
		{"known", nil, nil, 200, "hello", nil, ""},
		{"none", errNone, nil, 401, "Unauthorized", []string{`Basic realm="a"`, "Bearer"}, ""},
		{"bad", errBad, nil, 401, "Unauthorized", []string{`Basic realm="a"`, "Bearer"}, ""},
		{"broken", errDown, nil, 503, "Service Unavailable", nil, "1"},
		{"not allowed", nil, no, 403, "Forbidden", nil, ""},
		{"policy broken", nil, broken, 503, "Service Unavailable", nil, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := &answerer{who: alice, err: c.err, challenge: `Basic realm="a"`}
			guard := handstamp.NewGuard(first, &answerer{err: errNone}, &answerer{err: errNone, challenge: "Bearer"})
			var policies []handstamp.Policy
			if c.policy != nil {
				policies = append(policies, c.policy)
			}
			answer, body, reached, logged := answerOf(t, guard, policies...)
			if answer.StatusCode != c.status || body != c.body || reached != (c.status == 200) {
				t.Errorf("got %d %q, reached %v; want %d %q", answer.StatusCode, body, reached, c.status, c.body)
			}
			if diff := cmp.Diff(c.challenges, answer.Header.Values("WWW-Authenticate")); diff != "" {
				t.Errorf("challenges (-want +got):\n%s", diff)
			}
			if got := answer.Header.Get("Retry-After"); got != c.retry {
				t.Errorf("Retry-After %q, want %q", got, c.retry)
			}
			if isLogged := strings.Contains(logged, errDown.Error()); isLogged != (c.status == 503) {
				t.Errorf("logged %q", logged)
			}
			if c.status == 200 {
				return
			}
			if got := answer.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
				t.Errorf("Content-Type %q", got)
			}
			if got := answer.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
}

// TestPoliciesAllHaveToAgree, are asked in turn, and never about nobody.
func TestPoliciesAllHaveToAgree(t *testing.T) {
	var order string
	policy := func(name string, err error) handstamp.Policy {
		return func(_ context.Context, who handstamp.Identity) error {
			order += name
			if who.IsZero() {
				t.Error("a policy was asked about nobody")
			}
			return err
		}
	}
	yes, no := policy("y", nil), policy("n", handstamp.ErrForbidden)
	for _, c := range []struct {
		err      error
		policies []handstamp.Policy
		status   int
		order    string
	}{
		{nil, []handstamp.Policy{yes, yes}, 200, "yy"},
		{nil, []handstamp.Policy{yes, no, yes}, 403, "yn"},
		{nil, []handstamp.Policy{no, yes}, 403, "n"},
		{errNone, []handstamp.Policy{yes}, 401, ""},
		{errDown, []handstamp.Policy{yes}, 503, ""},
	} {
		order = ""
		answer, _, _, _ := answerOf(t, handstamp.NewGuard(&answerer{who: alice, err: c.err}), c.policies...)
		if answer.StatusCode != c.status || order != c.order {
			t.Errorf("%d after asking %q, want %d after %q", answer.StatusCode, order, c.status, c.order)
		}
	}
}

// TestPublicPathHasNoIdentity: nobody is asked there.
func TestPublicPathHasNoIdentity(t *testing.T) {
	asked := &answerer{who: alice}
	guard := handstamp.NewGuard(asked)
	guard.Public = []string{"/x"}
	reached := false
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached = true
		if who, ok := handstamp.From(r.Context()); ok || !who.IsZero() {
			t.Errorf("From gives %v on a public path", who)
		}
	})
	serve(guard.Require()(next), get("/x"))
	if !reached || asked.asked != 0 {
		t.Errorf("reached %v, asked %d times; want reached without asking", reached, asked.asked)
	}
	if who, err := guard.Identify(get("/x")); who != alice || err != nil {
		t.Errorf("Identify = %v, %v on a public path, want alice", who, err)
	}
}

// TestRefuse gets the error as it is, and writes the whole answer.
func TestRefuse(t *testing.T) {
	for _, err := range []error{errNone, errBad, errDown} {
		guard := handstamp.NewGuard(&answerer{err: err, challenge: "Basic"})
		var got error
		guard.Refuse = func(w http.ResponseWriter, r *http.Request, err error) {
			got = err
			if r.URL.Path != "/x" {
				t.Errorf("path %q", r.URL.Path)
			}
			w.WriteHeader(http.StatusTeapot)
		}
		answer, body, reached, _ := answerOf(t, guard)
		if !errors.Is(got, errors.Unwrap(err)) && !errors.Is(got, err) {
			t.Errorf("Refuse was told %v, want %v", got, err)
		}
		if reached || answer.StatusCode != http.StatusTeapot || body != "" || len(answer.Header) != 0 {
			t.Errorf("reached %v, %d %q %v; want the answer that Refuse wrote", reached, answer.StatusCode, body, answer.Header)
		}
	}
}

// TestAPolicyMakesAPathPrivate: one slip in Public must not switch off what a route requires.
func TestAPolicyMakesAPathPrivate(t *testing.T) {
	guard := handstamp.NewGuard(&answerer{err: errNone})
	guard.Public = []string{"*"}
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached by nobody") })
	admin := guard.Require(handstamp.Role("admin"))(next)
	for name, h := range map[string]http.Handler{"alone": admin, "inside of a Guard that lets all pass": guard.Require()(admin)} {
		if answer := serve(h, get("/admin")); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, answer.StatusCode)
		}
	}
}

// TestNestedGuardsAskOnce: with Basic, asking costs a password hash. Another Guard asks again, as it
// may accept others.
func TestNestedGuardsAskOnce(t *testing.T) {
	asked := &answerer{who: alice}
	guard, other := handstamp.NewGuard(asked), handstamp.NewGuard(&answerer{err: errNone})
	got := handstamp.Identity{}
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = handstamp.From(r.Context()) })
	inner := guard.Require(handstamp.Role(alice.Role))(next)
	if answer := serve(guard.Require()(inner), get("/x")); answer.StatusCode != 200 || asked.asked != 1 || got != alice {
		t.Errorf("%d for %v, asked %d times; want 200 for alice, once", answer.StatusCode, got, asked.asked)
	}
	if answer := serve(guard.Require()(other.Require()(next)), get("/x")); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a Guard took the word of another: %d, want 401", answer.StatusCode)
	}
}

// busyDoor is an Authenticator that has had enough of somebody.
type busyDoor struct{ wait time.Duration }

func (b busyDoor) Authenticate(*http.Request) (handstamp.Identity, error) {
	return handstamp.Identity{}, fmt.Errorf("authenticate: %w", b)
}
func (busyDoor) Challenge(error) string   { return "" }
func (busyDoor) Error() string            { return "busy" }
func (busyDoor) Unwrap() error            { return handstamp.ErrTooMany }
func (b busyDoor) RetryIn() time.Duration { return b.wait }

// TestTooMany: whoever tries too often is told so, and when to come back.
func TestTooMany(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "1", time.Second: "1", 1500 * time.Millisecond: "2", time.Hour: "3600"} {
		w := httptest.NewRecorder()
		handstamp.NewGuard(busyDoor{wait}).Require()(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Retry-After"); w.Code != http.StatusTooManyRequests || got != want {
			t.Errorf("wait %v: %d, Retry-After %q, want 429 and %q", wait, w.Code, got, want)
		}
	}
}
