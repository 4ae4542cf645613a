package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/browser"
)

// TestMain checks that Chromium, its profile and whatever speaks to it are gone when the tests have run, and
// that nothing was written to the home of whoever runs them.
func TestMain(m *testing.M) { goleak.VerifyTestMain(swept{browser.ClosedAfter(m)}) }

type swept struct{ tests interface{ Run() int } }

func (s swept) Run() int {
	temp, err := os.MkdirTemp("", "browser")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	for _, name := range []string{"TMPDIR", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		if err := os.Setenv(name, temp); err != nil {
			panic(err)
		}
	}
	code := s.tests.Run()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		fmt.Fprintln(os.Stderr, "left behind:", left, err)
		code = 1
	}
	return code
}

// strict is a policy as ours.
const strict = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// serve serves a body as the page / under the strict policy, and what handlers serve besides it.
func serve(t testing.TB, body string, handlers map[string]http.HandlerFunc) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", page(body))
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for pattern, handler := range handlers {
		mux.HandleFunc(pattern, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// page answers with a whole page. It links the stylesheet /style.css if the body says so.
func page(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if w.Header().Get("Content-Security-Policy") == "" {
			w.Header().Set("Content-Security-Policy", strict)
		}
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Test</title><meta name="viewport" content="width=device-width">
			<link rel="stylesheet" href="/style.css"></head><body><main><h1>Test</h1>%s</main></body></html>`, body)
	}
}

// style answers with a stylesheet.
func style(css string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"/style.css": asset("text/css", css)}
}

func asset(kind, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, content)
	}
}

// visitor opens a page as a new visitor.
func visitor(t testing.TB, d browser.Device, address string) *browser.Visitor {
	t.Helper()
	v := browser.Start(t).Visitor(t, d)
	v.Open(address)
	return v
}

// A listener is a test that only hears of failures.
type listener struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (l *listener) hear(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, fmt.Sprintf(format, args...))
}
func (*listener) Helper()                          {}
func (*listener) Logf(string, ...any)              {}
func (l *listener) Errorf(format string, a ...any) { l.hear(format, a...) }
func (l *listener) Fatalf(format string, a ...any) { l.hear(format, a...); panic(l) }
func (l *listener) failures(act func(testing.TB)) string {
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(l) {
				panic(p)
			}
		}()
		act(l)
	}()
	return strings.Join(l.said, "\n")
}

// failures returns how what a visitor does fails the test.
func failures(t *testing.T, v *browser.Visitor, act func(*browser.Visitor)) string {
	t.Helper()
	return (&listener{TB: t}).failures(func(tb testing.TB) { act(v.In(tb)) })
}

// wantFailure checks that something fails, and says certain words then.
func wantFailure(t *testing.T, v *browser.Visitor, act func(*browser.Visitor), words ...string) {
	t.Helper()
	said := failures(t, v, act)
	if said == "" {
		t.Errorf("no failure; want one about %q", words)
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("the failure does not say %q:\n%s", word, said)
		}
	}
}
