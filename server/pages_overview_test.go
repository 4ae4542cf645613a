package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/pages"
)

func TestOverviewPage(t *testing.T) {
	node := pages.Node{
		Version: "v1.2.3", Sessions: 4711, Started: time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC), Store: "sqlite",
		Goroutines: 321, Memory: 77 << 20, CacheHits: 1001, CacheMisses: 1002, CachedSessions: 1003,
		HashesRunning: 1004, HashesWaiting: 1005, HashesRefused: 1006,
	}
	s := newSite(t, "memory", func(c *server.Config) {
		c.Operations = &server.Operations{Node: func(context.Context) pages.Node { return node }}
	})
	b := s.adasBrowser()
	p := b.Open("/admin")
	isPage(t, p, "/admin", 200, "2 Users", "4,711 Sessions", "All checks pass", "v1.2.3", "2026-11-22 09:14 UTC", "sqlite", "77 MiB",
		"321", "1,001", "1,002", "1,003", "1,004", "1,005", "1,006", "Sign-in", email)
	node.Failed = []string{"the disk", "<b>the clock</b>"}
	p = b.Open("/admin")
	isPage(t, p, "/admin", 200, "These checks fail: the disk <b>the clock</b>")
	if p.Says("All checks pass") || strings.Contains(p.Body, "<b>") {
		t.Errorf("%s", p.Body)
	}
	b.Language = "de"
	isPage(t, b.Open("/admin"), "/admin", 200, "4.711", "1.006")
}

// TestOverviewOfAnEmbeddedServer says nothing of a process of which nobody has told it anything.
func TestOverviewOfAnEmbeddedServer(t *testing.T) {
	p := newSite(t, "memory").adasBrowser().Open("/admin")
	isPage(t, p, "/admin", 200, "2 Users", "Recent events")
	for _, text := range []string{"All checks pass", "0001", "0 Sessions"} {
		if p.Says(text) {
			t.Errorf("it says %q: %s", text, p)
		}
	}
}
