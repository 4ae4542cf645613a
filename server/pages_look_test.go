package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/pages/look"
)

// svg is somebody's logo.
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>`

func withLook(c *server.Config) {
	c.Look = look.Look{Name: `A & "B" <i>`, Logo: []byte(svg), Accent: "#e8590c"}
}

// TestLook: the app's name is on every page, as text.
func TestLook(t *testing.T) {
	s := newSite(t, "memory", withLook)
	for _, p := range []*textbrowser.Page{s.browser().Open("/login"), s.adasBrowser().Open("/account"), s.browser().Open(s.link())} {
		if !p.Says(`A & "B" <i>`) || !strings.Contains(p.Body, "A &amp; &#34;B&#34; &lt;i&gt;</title>") ||
			strings.Contains(p.Body, "Handstamp") || strings.Contains(p.Body, "<i>") {
			t.Errorf("%s", p.Body)
		}
	}
}
