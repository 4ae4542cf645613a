//go:build otlp

package badday_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const tags = "otlp"

// TestTracesTellNoSecret: a collector gets the spans of a walk, and nothing secret.
func TestTracesTellNoSecret(t *testing.T) {
	const key = "c4n4ry-of-the-collector"
	var mu sync.Mutex
	var got bytes.Buffer
	keys := 0
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			var err error
			if body, err = gzip.NewReader(r.Body); err != nil {
				t.Error(err)
				return
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if _, err := io.Copy(&got, body); err != nil {
			t.Error(err)
		}
		if r.Header.Get("Api-Key") == key {
			keys++
		}
	}))
	defer collector.Close()
	c := newCanaries()
	c.add("the key of the collector", key)
	s := newServer(t, must[string](t, "build")(checked()), newFolder(t), settings{
		"LOG_FORMAT": "json", "LOG_LEVEL": "debug", "REGISTRATION": "open", "THROTTLE_ACCOUNT_BURST": "30",
		"TRACE_ENDPOINT": collector.URL, "TRACE_HEADERS": "Api-Key=" + key,
	})
	(&walk{server: s, canaries: c, gently: true}).all("")
	mu.Lock()
	defer mu.Unlock()
	if keys == 0 || !strings.Contains(got.String(), "GET /setup/{secret}") {
		t.Errorf("%d deliveries with the key, %d bytes of traces", keys, got.Len())
	}
	c.check(t, "the traces", got.Bytes())
}
