package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/secret"
	"github.com/handstamp/handstamp/internal/settings"
)

// example has a field of each kind.
type example struct {
	Idle   settings.Duration  `name:"session-idle" group:"Sessions" default:"1h" min:"1s" max:"30d" reload:"" help:"How long."`
	Limit  int                `name:"session-limit" default:"20" min:"0" help:"How many."`
	Listen settings.Address   `name:"listen" group:"Place" default:"127.0.0.1:5000" help:"Where."`
	Nets   []settings.Network `name:"trusted-proxies" reload:"" help:"Who."`
	Names  []string           `name:"names" default:"a,b" help:"Names."`
	Open   bool               `name:"open" default:"true" help:"Whether."`
	Level  string             `name:"level" enum:"info,warn" default:"info" reload:"" help:"What."`
	Key    secret.Text        `name:"api-key" help:"The key."`
}

var table = settings.NewTable[example]()

// file writes a file and returns its path.
func file(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func duration(d time.Duration) settings.Duration { return settings.Duration(d) }

func TestDefaults(t *testing.T) {
	l, err := table.Load(settings.Sources{})
	want := example{Idle: duration(time.Hour), Limit: 20, Listen: "127.0.0.1:5000", Names: []string{"a", "b"}, Open: true, Level: "info"}
	if err != nil || !cmp.Equal(l.Values, want) || len(l.Warnings) > 0 {
		t.Errorf("%+v, %v, %v", l.Values, l.Warnings, err)
	}
	if l.IsSet("level") || l.Origin("level") != "level (default)" {
		t.Errorf("origin: %s", l.Origin("level"))
	}
}

// TestLayers: flags > environment > file > default, setting by setting.
func TestLayers(t *testing.T) {
	path := file(t, "handstamp.toml", "session-idle = \"1m\"\nsession-limit = 1\nlevel = 'warn'\n", 0o600)
	l, err := table.Load(settings.Sources{
		Flags:       map[string][]string{"session-idle": {"3m"}, "data": {"not ours"}},
		Environment: []string{"HANDSTAMP_SESSION_IDLE=2m", "HANDSTAMP_SESSION_LIMIT=2", "PATH=/bin", "HANDSTAMP_LEVEL="},
		File:        path,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ got, want any }{
		"flag":                 {l.Values.Idle, duration(3 * time.Minute)},
		"environment":          {l.Values.Limit, 2},
		"file":                 {l.Values.Level, "warn"},
		"default":              {l.Values.Listen, settings.Address("127.0.0.1:5000")},
		"origin: flag":         {l.Origin("session-idle"), "flag --session-idle"},
		"origin: environment":  {l.Origin("session-limit"), "environment variable HANDSTAMP_SESSION_LIMIT"},
		"origin: file":         {l.Origin("level"), path + " line 3, level"},
		"origin: default":      {l.Origin("listen"), "listen (default)"},
		"empty variable":       {l.IsSet("level"), true},
		"not set by anybody":   {l.IsSet("listen"), false},
		"set to something new": {l.IsSet("session-idle"), true},
	} {
		if row.got != row.want {
			t.Errorf("%s: %v, want %v", name, row.got, row.want)
		}
	}
}

// TestLists: with commas in one word, several times as a flag, as a list in TOML.
func TestLists(t *testing.T) {
	for name, from := range map[string]settings.Sources{
		"flag":               {Flags: map[string][]string{"names": {"x, y,,z "}}},
		"flag several times": {Flags: map[string][]string{"names": {"x,y", "z"}}},
		"environment":        {Environment: []string{"HANDSTAMP_NAMES=x,y,z"}},
		"TOML list":          {File: file(t, "a.toml", "names = [\n 'x', 'y',\n 'z',\n]\n", 0o600)},
		"TOML text":          {File: file(t, "b.toml", "names = 'x,y,z'\n", 0o600)},
	} {
		l, err := table.Load(from)
		if err != nil || !cmp.Equal(l.Values.Names, []string{"x", "y", "z"}) {
			t.Errorf("%s: %q, %v", name, l.Values.Names, err)
		}
	}
	for name, from := range map[string]settings.Sources{
		"flag": {Flags: map[string][]string{"names": {""}}},
		"TOML": {File: file(t, "c.toml", "names = []\n", 0o600)},
	} {
		if l, err := table.Load(from); err != nil || l.Values.Names != nil {
			t.Errorf("empty, %s: %q, %v", name, l.Values.Names, err)
		}
	}
}

// TestWrong: what is wrong, where it stands, and what to write instead.
func TestWrong(t *testing.T) {
	toml := func(text string) settings.Sources {
		return settings.Sources{File: file(t, "handstamp.toml", text, 0o600)}
	}
	env := func(entry string) settings.Sources { return settings.Sources{Environment: []string{entry}} }
	flag := func(name, value string) settings.Sources {
		return settings.Sources{Flags: map[string][]string{name: {value}}}
	}
	for _, row := range []struct {
		from settings.Sources
		says string
	}{
		{env("HANDSTAMP_SESSION_IDLE=soon"), `environment variable HANDSTAMP_SESSION_IDLE: "soon" is not a duration, such as 90s, 1h30m or 30d`},
		{flag("session-idle", "-1h"), `flag --session-idle: "-1h" is not a duration`},
		{flag("session-idle", "1ms"), `flag --session-idle: 1ms is less than 1s, the least that it may be`},
		{flag("session-idle", "31d"), `31d is more than 30d, the most that it may be`},
		{flag("session-limit", "many"), `"many" is not a whole number`},
		{flag("session-limit", "-1"), `-1 is less than 0`},
		{flag("session-limit", "99999999999999999999"), `is not a whole number`},
		{env("HANDSTAMP_OPEN=yes"), `"yes" is neither true nor false`},
		{env("HANDSTAMP_LEVEL=INFO"), `"INFO" is not one of info, warn`},
		{env("HANDSTAMP_NAMES=a\x1b[31m"), `"a\x1b[31m" has control characters`},
		{env("HANDSTAMP_NAMES=" + strings.Repeat("\xff", 5000)), `is not UTF-8 text`},

		{toml("\n# a comment\nsession-idle = 'x'\n"), `handstamp.toml line 3, session-idle: "x" is not a duration`},
		{toml("session-idle = 3600"), `line 1, session-idle: "3600" is not a duration`},
		{toml("session-idle = ['1h']"), `line 1, session-idle: takes one value and not a list`},
		{toml("names = [['a']]"), `names: a list holds single values only`},
		{toml("session-limit = 1.5"), `session-limit: is neither text`},
		{toml("listen = 2026-01-01"), `listen: is neither text`},
		{toml("a = 1\na = 2"), `handstamp.toml line 2: `},
		{toml("listen = 127.0.0.1"), `handstamp.toml line 1: `},

		// The nearest known name.
		{toml("\nsesion-idle = '1h'"), `handstamp.toml line 2, "sesion-idle": no such setting; did you mean session-idle?`},
		{toml("session_idle = '1h'"), `did you mean session-idle?`},
		{toml("[session]\nidle = '1h'"), `line 1, "session": no such setting; did you mean session-idle? (there are no tables`},
		{toml("session.idle = '1h'"), `"session": no such setting; did you mean session-idle?`},
		{toml("idle = '1h'"), `did you mean session-idle?`},
		{toml("qqqqqqqqqqqqqqqqqqqqq = 1"), `the nearest that there is is `},
		{toml("'lis\x1bten' = 1"), `handstamp.toml line 1`},
		{env("HANDSTAMP_SESION_IDLE=1h"), `environment variable HANDSTAMP_SESION_IDLE: no such setting; did you mean HANDSTAMP_SESSION_IDLE?`},
		{env("HANDSTAMP_IDLE=1h"), `did you mean HANDSTAMP_SESSION_IDLE?`},
		{env("HANDSTAMP_session_idle=1h"), `did you mean HANDSTAMP_SESSION_IDLE?`},
		{env("HANDSTAMP_CONFG=x"), `did you mean HANDSTAMP_CONFIG?`},
		{env("HANDSTAMP_LISTEN_FILE=/x"), `only a secret is read from a file, so set HANDSTAMP_LISTEN itself`},
		{env("HANDSTAMP_PORT=8080"), `HANDSTAMP_PORT: no such setting`},

		{settings.Sources{File: "not/there.toml"}, "settings file not/there.toml: "},
		{settings.Sources{File: t.TempDir()}, "not a regular file"},
		{toml("# " + strings.Repeat("x", 1<<20)), "more than 1MiB"},
	} {
		row.from.OtherVariables = []string{"HANDSTAMP_CONFIG"}
		_, err := table.Load(row.from)
		if err == nil || !strings.Contains(err.Error(), row.says) || strings.ContainsFunc(err.Error(), isControl) || len(err.Error()) > 400 {
			t.Errorf("got  %v\nwant %s", err, row.says)
		}
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// TestAllAtOnce: who has made four mistakes wants to hear of all of them.
func TestAllAtOnce(t *testing.T) {
	l, err := table.Load(settings.Sources{
		Flags:       map[string][]string{"session-idle": {"x"}},
		Environment: []string{"HANDSTAMP_SESSION_LIMIT=x", "HANDSTAMP_NONSENSE=1"},
		File:        file(t, "handstamp.toml", "open = 'x'\nlistne = 1\nlevel = 'warn'\n", 0o600),
	})
	var wrong settings.Errors
	if !errors.As(err, &wrong) || len(wrong) != 5 {
		t.Fatalf("%v", err)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 6 || lines[0] != "5 settings cannot be used:" {
		t.Errorf("%q", lines)
	}
	if l.Values.Level != "warn" || l.Values.Limit != 20 {
		t.Errorf("what could be read: %+v", l.Values)
	}
}

// TestServiceLinks: Kubernetes tells of a service called "handstamp" in variables that look like
// settings.
func TestServiceLinks(t *testing.T) {
	_, err := table.Load(settings.Sources{Environment: []string{
		"HANDSTAMP_SERVICE_HOST=10.0.0.11", "HANDSTAMP_SERVICE_PORT=5000", "HANDSTAMP_SERVICE_PORT_HTTP=5000",
		"HANDSTAMP_PORT=tcp://10.0.0.11:5000", "HANDSTAMP_PORT_5000_TCP=tcp://10.0.0.11:5000",
		"HANDSTAMP_PORT_5000_TCP_PROTO=tcp", "HANDSTAMP_PORT_5000_TCP_PORT=5000", "HANDSTAMP_PORT_5000_TCP_ADDR=10.0.0.11",
		"HANDSTAMP_OPS_SERVICE_HOST=10.0.0.12", "HANDSTAMP_OPS_PORT=tcp://10.0.0.12:5000",
	}})
	if err != nil {
		t.Error(err)
	}
}
