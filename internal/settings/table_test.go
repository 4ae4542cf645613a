package settings_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/secret"
	"github.com/handstamp/handstamp/internal/settings"
)

// TestTagsThatMakeNoSense end the program when it starts, and not when somebody sets them.
func TestTagsThatMakeNoSense(t *testing.T) {
	for name, build := range map[string]func(){
		"no name": func() { settings.NewTable[struct{ A string }]() },
		"no help text": func() {
			settings.NewTable[struct {
				A string `name:"a" group:"g"`
			}]()
		},
		"no group": func() {
			settings.NewTable[struct {
				A string `name:"a" help:"h"`
			}]()
		},
		"default that cannot be read": func() {
			settings.NewTable[struct {
				A int `name:"a" group:"g" help:"h" default:"x"`
			}]()
		},
		"default out of bounds": func() {
			settings.NewTable[struct {
				A int `name:"a" group:"g" help:"h" default:"1" min:"2"`
			}]()
		},
		"bound that cannot be read": func() {
			settings.NewTable[struct {
				A int `name:"a" group:"g" help:"h" default:"1" min:"x"`
			}]()
		},
		"type that cannot be read": func() {
			settings.NewTable[struct {
				A float64 `name:"a" group:"g" help:"h" default:"1"`
			}]()
		},
		"list of secrets": func() {
			settings.NewTable[struct {
				A []secret.Text `name:"a" group:"g" help:"h"`
			}]()
		},
	} {
		func() {
			defer func() {
				if cause, ok := recover().(string); !ok || !strings.HasPrefix(cause, "settings: ") {
					t.Errorf("%s: %v", name, cause)
				}
			}()
			build()
		}()
	}
}

// TestMarkdown is about what no setting of "serve" shows.
func TestMarkdown(t *testing.T) {
	var page strings.Builder
	if err := table.WriteMarkdown(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n## Sessions\n\n### `session-idle`\n\nHow long.\n\n- flag `--session-idle=DURATION`, environment `HANDSTAMP_SESSION_IDLE`, file `session-idle`\n" +
			"- default `1h`, from 1s to 30d; a change takes effect with SIGHUP\n",
		"- flag `--[no-]open`", "- flag `--names=TEXT,…`", "- default `a,b`; a change takes effect with a restart\n",
		"- flag `--api-key-file=FILE`, environment `HANDSTAMP_API_KEY`, `HANDSTAMP_API_KEY_FILE` or the credential `handstamp_api_key`, " +
			"file `api-key` or `api-key-file`\n- default none",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in\n%s", want, page.String())
		}
	}
}
