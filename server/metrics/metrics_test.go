package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/handstamp/handstamp/server/metrics"
	"github.com/handstamp/handstamp/session"
)

var routes = []string{"/api/v1/users", "/api/v1/users/{id}", "/healthz", "/static/{file...}", "/{$}"}

// scrape returns what Prometheus would read, without the figures of Go and of the process.
func scrape(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	r := httptest.NewRequest("GET", "/metrics", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	var lines []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "handstamp_") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

func request(m *metrics.Metrics, method, target string, status int) {
	r := httptest.NewRequest("GET", "/", nil)
	r.URL, _ = url.Parse(target)
	r.Method = method
	m.Request(r, status, 3*time.Millisecond)
}

func TestRequests(t *testing.T) {
	m := metrics.New(metrics.Config{Routes: routes, Version: "v1.2.3"})
	for range 3 {
		request(m, "GET", "/api/v1/users", 200)
	}
	request(m, "GET", "/api/v1/users/", 204)
	request(m, "DELETE", "/api/v1/users/12", 403)
	request(m, "DELETE", "/api/v1/users/13/?secret=1", 403)
	request(m, "GET", "/static/a/b", 304)
	request(m, "GET", "/healthz", 0)
	request(m, "GET", "/", 200)
	request(m, "GET", "", 200) // as in "OPTIONS *"
	text := scrape(t, m)
	want(t, text,
		`handstamp_http_requests_total{method="GET",route="/api/v1/users",status="2xx"} 4`,
		`handstamp_http_requests_total{method="DELETE",route="/api/v1/users/{id}",status="4xx"} 2`,
		`handstamp_http_requests_total{method="GET",route="/static/{file...}",status="3xx"} 1`,
		`handstamp_http_requests_total{method="GET",route="/healthz",status="none"} 1`,
		`handstamp_http_requests_total{method="GET",route="/{$}",status="2xx"} 1`,
		`handstamp_http_requests_total{method="GET",route="other",status="2xx"} 1`,
		`handstamp_http_request_duration_seconds_count{route="/api/v1/users"} 4`,
		`handstamp_http_request_duration_seconds_bucket{route="/api/v1/users",le="0.0025"} 0`,
		`handstamp_http_request_duration_seconds_bucket{route="/api/v1/users",le="0.005"} 4`,
	)
	if !strings.Contains(text, `handstamp_build_info{go="go`) || !strings.Contains(text, `version="v1.2.3"} 1`) {
		t.Error("no build info in", text)
	}
}

// TestStrangersChooseNoLabel: whatever is asked for, the number of series has a bound, and nothing of it
// is shown.
func TestStrangersChooseNoLabel(t *testing.T) {
	m := metrics.New(metrics.Config{Routes: routes})
	for i := range 2000 {
		request(m, fmt.Sprintf("EVIL%d", i), fmt.Sprintf("/evil/%d?evil=%d", i, i), 400+i%200)
		request(m, "GET", fmt.Sprintf("/api/v1/users/evil%d", i), i)
		request(m, "GET", fmt.Sprintf("/api/v1/users/evil%%0a%d", i), 404)
		request(m, "GET", fmt.Sprintf("//evil/../api/v1/users/evil%d", i), 404)
		m.Count(fmt.Sprintf("evil%d", i), "\n# evil")
		m.Count(metrics.Login, fmt.Sprintf("evil%d", i))
		m.Count(metrics.Throttle, fmt.Sprintf("kind%d", i))
	}
	request(m, "CONNECT", "/api/v1/users/evil", 200)
	text := scrape(t, m)
	if n := strings.Count(text, "\n"); n > 350 {
		t.Errorf("%d series", n)
	}
	if n := strings.Count(text, "\nhandstamp_events_total{"); n != 65 {
		t.Errorf("%d kinds of events, want 64 and the rest", n)
	}
	want(t, text,
		`handstamp_events_total{action="other",outcome="other"} 1936`,
		`handstamp_logins_total{outcome="other"} 2000`,
		`handstamp_throttled_total{kind="other"} 1936`,
	)
	for line := range strings.Lines(text) {
		if strings.Contains(line, "evil") && !strings.HasPrefix(line, `handstamp_events_total{action="evil`) {
			t.Errorf("a stranger has written %s", line)
		}
	}
}

func TestEvents(t *testing.T) {
	m := metrics.New(metrics.Config{})
	want(t, scrape(t, m), `handstamp_logins_total{outcome="success"} 0`, `handstamp_sessions_begun_total 0`)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			m.Count(metrics.Login, "success")
			m.Count(metrics.Login, "refused")
			m.Count(metrics.Throttle, "account")
			m.Count(metrics.SessionBegin, "success")
			m.Count(metrics.SessionEnd, "logout")
			m.Count("user-delete", "success")
		})
	}
	all.Wait()
	want(t, scrape(t, m),
		`handstamp_logins_total{outcome="success"} 10`,
		`handstamp_logins_total{outcome="refused"} 10`,
		`handstamp_throttled_total{kind="account"} 10`,
		`handstamp_sessions_begun_total 10`,
		`handstamp_sessions_ended_total{reason="logout"} 10`,
		`handstamp_events_total{action="user-delete",outcome="success"} 10`,
	)
}

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var broken error
		m := metrics.New(metrics.Config{
			Sessions: func(context.Context) (int, error) { asked++; return 100 * asked, broken },
			Cache:    func() session.CacheStats { return session.CacheStats{Hits: 1, Misses: 2, Entries: 3} },
			Hashes:   func() metrics.HashStats { return metrics.HashStats{Running: 4, Waiting: 5, Refused: 6} },
		})
		for range 3 {
			want(t, scrape(t, m),
				`handstamp_sessions 100`,
				`handstamp_session_cache_lookups_total{result="hit"} 1`,
				`handstamp_session_cache_lookups_total{result="miss"} 2`,
				`handstamp_session_cache_entries 3`,
				`handstamp_password_hashes_running 4`,
				`handstamp_password_hashes_waiting 5`,
				`handstamp_password_hashes_refused_total 6`,
			)
		}
		time.Sleep(15 * time.Second)
		want(t, scrape(t, m), `handstamp_sessions 200`)

		// A store that cannot say leaves a gap, and nothing else.
		broken = errors.New("store down")
		time.Sleep(15 * time.Second)
		for range 3 {
			text := scrape(t, m)
			want(t, text, `handstamp_session_cache_entries 3`)
			if strings.Contains(text, "handstamp_sessions ") {
				t.Error("a number of sessions, from a store that is down")
			}
		}
		if asked != 3 {
			t.Errorf("the store was asked %d times in 30 seconds", asked)
		}
	})
}

// TestSlowStore: who counts for too long is told to stop, and the scrape is answered.
func TestSlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New(metrics.Config{Sessions: func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}})
		began := time.Now()
		if text := scrape(t, m); strings.Contains(text, "handstamp_sessions ") {
			t.Error("a number of sessions, from a store that does not answer")
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestNamesAreInOrder by the rules of Prometheus, and Go and the process are there, too.
func TestNamesAreInOrder(t *testing.T) {
	m := metrics.New(metrics.Config{
		Routes:   routes,
		Sessions: func(context.Context) (int, error) { return 1, nil },
		Cache:    func() session.CacheStats { return session.CacheStats{} },
		Hashes:   func() metrics.HashStats { return metrics.HashStats{} },
	})
	request(m, "GET", "/healthz", 200)
	m.Count("x", "y")
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, name := range []string{"\ngo_goroutines ", "\nprocess_resident_memory_bytes "} {
		if !strings.Contains(w.Body.String(), name) {
			t.Errorf("%q is not there", name)
		}
	}
	problems, err := promlint.New(w.Body).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestRequestDoesNotAllocate(t *testing.T) {
	m := metrics.New(metrics.Config{Routes: routes})
	r := httptest.NewRequest("GET", "/api/v1/users", nil)
	if n := testing.AllocsPerRun(100, func() { m.Request(r, 200, time.Millisecond) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRequest(b *testing.B) {
	m := metrics.New(metrics.Config{Routes: routes})
	r := httptest.NewRequest("GET", "/api/v1/users", nil)
	b.ReportAllocs()
	for b.Loop() {
		m.Request(r, 200, time.Millisecond)
	}
}
