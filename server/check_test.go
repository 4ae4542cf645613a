package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/pages/look"
)

// TestCheckPages: what browsers would see wrong is found at the start, and New does not go on with it.
func TestCheckPages(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *server.Config)
		says   string // empty where nothing is wrong
	}{
		"nothing set":           {func(*server.Config) {}, ""},
		"a look":                {func(c *server.Config) { c.Look = look.Look{Name: "Lighthouse", Accent: "#07b"} }, ""},
		"a bad name":            {func(c *server.Config) { c.Look.Name = "two\nlines" }, "look: not a name"},
		"a bad logo":            {func(c *server.Config) { c.Look.Logo = []byte("GIF89a") }, "look: not a logo"},
		"a bad colour":          {func(c *server.Config) { c.Look.AccentDark = "red" }, "look: not a colour"},
		"an origin":             {func(c *server.Config) { c.ReturnOrigins = []string{"https://app.example.com"} }, ""},
		"an origin with a path": {func(c *server.Config) { c.ReturnOrigins = []string{"https://app.example.com/"} }, "return URLs: origin"},
		"any origin":            {func(c *server.Config) { c.ReturnOrigins = []string{"https://a.example", "*"} }, `return URLs: origin "*"`},
		"no origin":             {func(c *server.Config) { c.ReturnOrigins = []string{"null"} }, `return URLs: origin "null"`},
		"another kind":          {func(c *server.Config) { c.ReturnOrigins = []string{"javascript://a.example"} }, "return URLs"},
		"a key":                 {func(c *server.Config) { c.FormKey = make([]byte, 32) }, ""},
		"a short key":           {func(c *server.Config) { c.FormKey = make([]byte, 31) }, "form key: it has 31 bytes"},
		"an empty key":          {func(c *server.Config) { c.FormKey = []byte{} }, "form key: it has 0 bytes"},
	} {
		config := newSite(t, "memory").config
		c.change(&config)
		err := config.Check()
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if panics(func() { server.New(config) }) != (c.says != "") {
			t.Errorf("%s: New goes by something else", name)
		}
	}
}

func panics(do func()) (did bool) {
	defer func() { did = recover() != nil }()
	do()
	return false
}
