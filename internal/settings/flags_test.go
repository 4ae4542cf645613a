package settings_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/settings"
)

type program struct {
	Data  string `env:"HANDSTAMP_DATA" help:"Somebody else's."`
	Serve struct {
		kong.Plugins
	} `cmd:""`
}

func parse(t *testing.T, args ...string) (map[string][]string, string, error) {
	t.Helper()
	var p program
	p.Serve.Plugins = kong.Plugins{table.Flags()}
	var out bytes.Buffer
	parser, err := kong.New(&p, kong.Name("x"), kong.Writers(&out, &out), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(append([]string{"serve"}, args...))
	if err != nil {
		return nil, out.String(), err
	}
	return settings.Given(parsed), out.String(), nil
}

// TestGiven: what was typed, and nothing else.
func TestGiven(t *testing.T) {
	t.Setenv("HANDSTAMP_DATA", "environment")
	for _, row := range []struct {
		args string
		want map[string][]string
	}{
		{"", map[string][]string{}},
		{"--session-idle=2h --session-limit 7", map[string][]string{"session-idle": {"2h"}, "session-limit": {"7"}}},
		{"--session-idle=1h --session-idle=2h", map[string][]string{"session-idle": {"2h"}}},
		{"--session-idle=", map[string][]string{"session-idle": {""}}},
		{"--names=a,b --names=c", map[string][]string{"names": {"a,b", "c"}}},
		{"--names=", map[string][]string{"names": {""}}},
		{"--open", map[string][]string{"open": {"true"}}},
		{"--open=false", map[string][]string{"open": {"false"}}},
		{"--no-open", map[string][]string{"open": {"false"}}},
		{"--api-key-file=f", map[string][]string{"api-key-file": {"f"}}},
		{"--data=d", map[string][]string{"data": {"d"}}},
	} {
		got, _, err := parse(t, strings.Fields(row.args)...)
		if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", row.args, err, diff)
		}
	}
}

func TestUnknownFlag(t *testing.T) {
	for arg, says := range map[string]string{
		"--sesion-idle=1h": `unknown flag --sesion-idle, did you mean "--session-idle"?`,
		"--api-key=x":      `unknown flag --api-key, did you mean "--api-key-file"?`, // a secret is no flag
	} {
		if _, _, err := parse(t, arg); err == nil || err.Error() != says {
			t.Errorf("%s: %v", arg, err)
		}
	}
}

// TestHelp shows all that there is to set.
func TestHelp(t *testing.T) {
	_, help, _ := parse(t, "--help")
	for _, want := range []string{
		"Sessions\n", "--session-idle=DURATION", "How long. Default: 1h.", "--trusted-proxies=NETWORK,…", "--level=info|warn",
		"--[no-]open", "--api-key-file=FILE", "File of a secret. The key.", "Default: 127.0.0.1:5000.",
	} {
		if !strings.Contains(help, want) {
			t.Errorf("no %q in\n%s", want, help)
		}
	}
}
