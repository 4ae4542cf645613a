package oldcookie_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/session/oldcookie"
	"github.com/handstamp/handstamp/store/memory"
)

// oldID is an id as PHP makes them.
const oldID = "3fl06lbf8aamkq8p0cug1k4uj7"

var ada = handstamp.IDOf("ada")

// A house is a server with one session that was brought over.
type house struct {
	t        *testing.T
	store    *slow
	sessions *session.Manager
	handler  http.Handler
	seen     func(r *http.Request)
}

// slow is a store that can be broken, and whose swaps can be held up.
type slow struct {
	*memory.Sessions
	mu     sync.Mutex
	broken error
	hold   chan struct{}
}

func (s *slow) state() (hold chan struct{}, broken error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hold, s.broken
}

func (s *slow) set(broken error, hold chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken, s.hold = broken, hold
}

func (s *slow) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	if _, broken := s.state(); broken != nil {
		return session.Record{}, broken
	}
	return s.Sessions.Load(ctx, hash)
}

func (s *slow) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	if hold, _ := s.state(); hold != nil {
		<-hold
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Sessions.Swap(ctx, old, r, events...)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	store := &slow{Sessions: memory.New()}
	h := &house{t: t, store: store, sessions: session.New(store)}
	h.bringOver(oldID)
	guard := handstamp.NewGuard(h.sessions)
	end := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.seen != nil {
			h.seen(r)
		}
		who, _ := handstamp.From(r.Context())
		_, _ = w.Write([]byte(who.UserID.String()))
	})
	old := oldcookie.New(h.sessions, "PHPSESSID")
	h.handler = old.Exchange(guard.Require()(end), func(w http.ResponseWriter, _ *http.Request, err error) {
		w.WriteHeader(handstamp.StatusOf(err))
	})
	return h
}

func (h *house) bringOver(id string) {
	h.t.Helper()
	token, err := oldcookie.TokenOf(id)
	if err != nil {
		h.t.Fatal(err)
	}
	at := time.Now().UTC().Truncate(time.Microsecond)
	record, err := session.NewRecord(session.Session{ID: handstamp.NewID(), UserID: ada, BeganAt: at, SeenAt: at}, token,
		session.Data{"cart": json.RawMessage(`["cup"]`)})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.Insert(h.t.Context(), record); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) get(ctx context.Context, cookies string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// want sends a request and returns our cookie in the answer, which must have one and the old one
// taken back, or neither.
func (h *house) want(status int, cookies string) string {
	h.t.Helper()
	w := h.get(h.t.Context(), cookies)
	if w.Code != status || status == 200 && w.Body.String() != ada.String() {
		h.t.Errorf("%q: %d %s, want %d", cookies, w.Code, w.Body, status)
	}
	return h.ours(w)
}

func (h *house) ours(w *httptest.ResponseRecorder) string {
	h.t.Helper()
	set := w.Result().Cookies()
	if len(set) == 0 {
		return ""
	}
	if len(set) != 2 || set[0].Name != "__Host-session" || set[0].Value == "" || set[1].Name != "PHPSESSID" || set[1].MaxAge >= 0 || set[1].Path != "/" {
		h.t.Errorf("cookies %v", w.Header()["Set-Cookie"])
	}
	return "__Host-session=" + set[0].Value
}

func TestExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.sessions.Close()
		var rest []string
		h.seen = func(r *http.Request) { rest = append(rest, strings.Join(r.Header["Cookie"], "; ")) }
		ours := h.want(200, "theme=dark; PHPSESSID="+oldID)
		if ours == "" || len(rest) != 1 || !strings.HasPrefix(rest[0], "theme=dark; ") || !strings.HasSuffix(rest[0], ours) {
			t.Fatalf("cookie %q, and behind it %q", ours, rest)
		}
		data, _, err := h.sessions.Data(t.Context(), session.Token(strings.TrimPrefix(ours, "__Host-session=")))
		if err != nil || string(data["cart"]) != `["cup"]` {
			t.Errorf("data %v, %v", data, err)
		}
		if h.want(200, ours) != "" || h.want(200, ours+"; PHPSESSID="+oldID) != "" {
			t.Error("with our cookie nothing is exchanged")
		}

		time.Sleep(oldcookie.Grace - time.Millisecond)
		synctest.Wait()
		if got := h.want(200, "PHPSESSID="+oldID); got != ours {
			t.Errorf("within the grace: %q, want %q", got, ours)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if h.want(401, "PHPSESSID="+oldID) != "" {
			t.Error("the old id is good for ever")
		}
		h.want(200, ours)
		if n, _ := h.store.Count(t.Context()); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

// TestTogether: a page loads many things at once. All are let in, with one session.
func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.sessions.Close()
		hold := make(chan struct{})
		h.store.set(nil, hold)
		gone, leave := context.WithCancel(t.Context())
		answers := make([]*httptest.ResponseRecorder, 20)
		var all sync.WaitGroup
		for i := range answers {
			ctx := t.Context()
			if i == 0 {
				ctx = gone
			}
			all.Go(func() { answers[i] = h.get(ctx, "PHPSESSID="+oldID) })
			if i == 0 {
				synctest.Wait() // it is the one that renews
			}
		}
		synctest.Wait()
		leave() // and its browser goes away in the middle
		synctest.Wait()
		close(hold)
		all.Wait()
		ours := h.ours(answers[1])
		for i, w := range answers[1:] {
			if got := h.ours(w); w.Code != 200 || got == "" || got != ours {
				t.Errorf("request %d: %d, cookie %q, want %q", i+1, w.Code, got, ours)
			}
		}
		if n, _ := h.store.Count(t.Context()); n != 1 {
			t.Errorf("%d sessions", n)
		}
		h.want(200, ours)
	})
}

// TestEnded: within the grace, too, nobody is let in whose session has ended.
func TestEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.sessions.Close()
		h.want(200, "PHPSESSID="+oldID)
		if err := h.sessions.EndUser(t.Context(), ada); err != nil {
			t.Fatal(err)
		}
		if h.want(401, "PHPSESSID="+oldID) != "" {
			t.Error("a session that has ended is answered with a cookie")
		}
		time.Sleep(oldcookie.Grace + 1)
		synctest.Wait()

		const other = "9" + "fl06lbf8aamkq8p0cug1k4uj7"
		h.bringOver(other)
		time.Sleep(2 * time.Hour) // longer than it may be unused
		if h.want(401, "PHPSESSID="+other) != "" {
			t.Error("a session that is over is let in")
		}
	})
}

// TestNotTaken: nothing but an id that was brought over is taken, in nothing but the old cookie.
func TestNotTaken(t *testing.T) {
	h := newHouse(t)
	defer h.sessions.Close()
	_, live, err := h.sessions.Begin(t.Context(), handstamp.Identity{UserID: ada})
	if err != nil {
		t.Fatal(err)
	}
	under, err := oldcookie.TokenOf(oldID)
	if err != nil {
		t.Fatal(err)
	}
	for name, cookies := range map[string]string{
		"nothing":                  "",
		"an id of nobody":          "PHPSESSID=9fl06lbf8aamkq8p0cug1k4uj7",
		"another name":             "phpsessid=" + oldID,
		"twice":                    "PHPSESSID=" + oldID + "; PHPSESSID=" + oldID,
		"nothing in it":            "PHPSESSID=",
		"more than an id":          "PHPSESSID=" + oldID + "a",
		"no id":                    "PHPSESSID=../../etc/passwd/../../etc/passwd",
		"a very long id":           "PHPSESSID=" + strings.Repeat("a1b2c3d4", 10_000),
		"the old id in ours":       "__Host-session=" + oldID,
		"what it is kept under":    "__Host-session=" + string(under),
		"ours in the old cookie":   "PHPSESSID=" + string(live),
		"beside one of ours":       "PHPSESSID=" + oldID + "; __Host-session=nobody's",
		"beside two of ours":       "PHPSESSID=" + oldID + "; __Host-session=a; __Host-session=b",
		"kept under, as an old id": "PHPSESSID=old id%3B" + oldID,
	} {
		if h.want(401, cookies) != "" {
			t.Errorf("%s: a cookie is set", name)
		}
	}
	if h.want(200, "PHPSESSID="+oldID) == "" {
		t.Error("the old id is not good any more")
	}
	h.want(200, "__Host-session="+string(live))
}

// TestComma: PHP writes a comma in its cookie as %2C, and in the name of its file as it is.
func TestComma(t *testing.T) {
	h := newHouse(t)
	defer h.sessions.Close()
	const id = "aB-,9fl06lbf8aamkq8p0cug1k4uj7"
	h.bringOver(id)
	if h.want(200, "PHPSESSID="+strings.ReplaceAll(id, ",", "%2C")) == "" {
		t.Error("a comma")
	}
}

// TestBroken: where nobody can tell, it is 503, and the id stays good.
func TestBroken(t *testing.T) {
	h := newHouse(t)
	defer h.sessions.Close()
	h.store.set(errors.New("disk on fire"), nil)
	if h.want(503, "PHPSESSID="+oldID) != "" {
		t.Error("a cookie is set")
	}
	h.store.set(nil, nil)
	if h.want(200, "PHPSESSID="+oldID) == "" {
		t.Error("no cookie is set")
	}
}

// TestUntouched: requests without an old cookie cost nothing.
func TestUntouched(t *testing.T) {
	sessions := session.New(memory.New())
	defer sessions.Close()
	h := oldcookie.New(sessions, "PHPSESSID").Exchange(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), nil)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "theme=dark; __Host-session=0123456789abcdef0123456789abcdef0123456789a")
	w := httptest.NewRecorder()
	if n := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
