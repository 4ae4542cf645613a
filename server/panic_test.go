package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server"
)

const page500 = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n" +
	"<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n" +
	"<p>The server encountered an internal error and was unable to complete your request. " +
	"Either the server is overloaded or there is an error in the application.</p>\n"

// newBroken returns a server that has a bug: it calls bug for every request.
func newBroken(t *testing.T, bug func(w http.ResponseWriter)) (http.Handler, *logbook) {
	t.Helper()
	config, log := newConfig(t)
	origins := config.Profile.Origins
	config.Profile.Origins = func(w http.ResponseWriter, r *http.Request) {
		origins(w, r)
		bug(w)
	}
	return server.New(config), log
}

func TestPanic(t *testing.T) {
	for name, value := range map[string]any{
		"text":             "boom",
		"error":            errors.New("boom"),
		"not comparable":   []string{"boom"},
		"almost the abort": fmt.Errorf("boom: %w", http.ErrAbortHandler),
	} {
		t.Run(name, func(t *testing.T) {
			h, log := newBroken(t, func(w http.ResponseWriter) {
				w.Header().Set("Set-Cookie", "_my_session_id=secret")
				panic(value)
			})
			w := do(h, "GET", "/api/v1/status?token=secret", nil, "Authorization", "Basic secret")
			if w.Code != 500 || w.Body.String() != page500 {
				t.Errorf("%d %q", w.Code, w.Body)
			}
			header := w.Header()
			if got := header.Get("Content-Type"); got != "text/html; charset=utf-8" {
				t.Errorf("Content-Type %q", got)
			}
			if got, there := header["Set-Cookie"]; there {
				t.Errorf("the answer to a request that failed sets %q", got)
			}
			if got := header.Get("Access-Control-Allow-Origin"); got != "*" {
				t.Errorf("Access-Control-Allow-Origin %q", got)
			}
			checkOnePanic(t, log, "http.response.status_code=500")
			for _, line := range log.lines("secret") {
				t.Errorf("a secret is in the log: %s", line)
			}
		})
	}
}

// checkOnePanic checks that a panic was logged once, as an error that can be found again, beside
// the line that every request has.
func checkOnePanic(t *testing.T, log *logbook, access string) {
	t.Helper()
	if lines := log.lines("level=ERROR"); len(lines) != 1 ||
		!strings.Contains(lines[0], "boom") || !strings.Contains(lines[0], "panic_test.go") {
		t.Errorf("want one error with its cause and where it was: %q", lines)
	}
	if lines := log.lines("msg=request"); len(lines) != 1 || !strings.Contains(lines[0], access) {
		t.Errorf("want one line with %s: %q", access, lines)
	}
	if all := log.lines(""); len(all) != 2 {
		t.Errorf("%d lines, want 2: %q", len(all), all)
	}
}

// TestPanicWithLength: the length that was meant for another answer is not that of the page.
func TestPanicWithLength(t *testing.T) {
	h, _ := newBroken(t, func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "3")
		panic("boom")
	})
	s := httptest.NewServer(h)
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	response, err := s.Client().Get(s.URL + "/api/v1/status")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != page500 {
		t.Errorf("%v: %q", err, body)
	}
}

// TestAbort: ErrAbortHandler is no bug, it is how a handler gives up. net/http knows it and cuts
// the connection.
func TestAbort(t *testing.T) {
	h, log := newBroken(t, func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
	checkAborts(t, h)
	if lines := log.lines("level=ERROR"); len(lines) != 0 {
		t.Errorf("logged: %q", lines)
	}
	if lines := log.lines("msg=request"); len(lines) != 1 {
		t.Errorf("%d lines of access, want 1: %q", len(lines), lines)
	}
}

// checkAborts checks that h panics with ErrAbortHandler.
func checkAborts(t *testing.T, h http.Handler) {
	t.Helper()
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler {
			t.Errorf("recovered %v, want http.ErrAbortHandler", cause)
		}
	}()
	do(h, "GET", "/api/v1/status", nil)
	t.Error("the handler returned")
}

// TestPanicInMidAnswer: nothing can be taken back, so the client must see that it is not whole.
func TestPanicInMidAnswer(t *testing.T) {
	for name, begin := range map[string]func(w http.ResponseWriter){
		"after the header": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"after some body":  func(w http.ResponseWriter) { _, _ = io.WriteString(w, "half of it") },
	} {
		t.Run(name, func(t *testing.T) {
			h, log := newBroken(t, func(w http.ResponseWriter) {
				begin(w)
				panic("boom")
			})
			checkAborts(t, h)
			checkOnePanic(t, log, "http.response.status_code=200")
		})
	}

	h, _ := newBroken(t, func(w http.ResponseWriter) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<16)) // more than net/http holds back
		panic("boom")
	})
	s := httptest.NewServer(h)
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	response, err := s.Client().Get(s.URL + "/api/v1/status")
	if err == nil {
		_, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
	if err == nil {
		t.Error("half of an answer looks like a whole one")
	}
}
