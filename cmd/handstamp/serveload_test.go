package main

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/settings"
)

// loadFrom loads settings from flags as they are typed, and variables.
func loadFrom(t *testing.T, flags string, environment ...string) (settings.Loaded[serveSettings], error) {
	t.Helper()
	return loadServeSettings(typed(t, flags), environment)
}

// typed parses flags as the program does.
func typed(t *testing.T, flags string) map[string][]string {
	t.Helper()
	program := struct {
		Data  string
		Serve struct{ serveFlags } `cmd:""`
	}{}
	program.Serve.serveFlags = newServeFlags()
	parser, err := kong.New(&program, kong.Name("handstamp"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(append([]string{"serve"}, strings.Fields(flags)...))
	if err != nil {
		t.Fatal(err)
	}
	return settings.Given(parsed)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestServeDefaults: what a new server is, without a word to it: safe, and without a warning.
func TestServeDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := loadFrom(t, "")
	if err != nil || len(l.Warnings) > 0 {
		t.Fatalf("%v, %v", l.Warnings, err)
	}
	s := l.Values
	for name, row := range map[string]struct{ got, want any }{
		"data":             {s.Data, "./data"},
		"store":            {s.Store, storePlace{kind: storeSQLite}},
		"listen":           {s.Listen, settings.Address("127.0.0.1:5000")},
		"public-url":       {s.PublicURL.String(), "http://localhost:5000"},
		"trusted-proxies":  {len(s.TrustedProxies), 0},
		"origins":          {len(s.Origins), 0},
		"credentials":      {cmp.Equal(s.Credentials, []credentialKind{credentialSession, credentialBearer}), true},
		"registration":     {s.Registration, "closed"},
		"password-length":  {s.PasswordLength, 15},
		"session-idle":     {time.Duration(s.SessionIdle), time.Hour},
		"session-lifetime": {time.Duration(s.SessionLifetime), 24 * time.Hour},
		"session-limit":    {s.SessionLimit, 20},
		"basic-memory":     {time.Duration(s.BasicMemory), time.Minute},
		"throttle":         {s.Throttle, true},
		"audit-retention":  {time.Duration(s.AuditRetention), 365 * 24 * time.Hour},
		"ops-listen":       {s.OpsListen, settings.Address("")},
		"log-format":       {s.LogFormat, "auto"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %v, want %v", name, row.got, row.want)
		}
	}
	if _, err := os.Stat("data"); !errors.Is(err, os.ErrNotExist) {
		t.Error("reading settings made the data folder")
	}
}

// TestSettingsFile: which file is read, and that it is the one that was named.
func TestSettingsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "data/handstamp.toml", "realm = 'in ./data'\n")
	write(t, "other/handstamp.toml", "realm = 'in other'\n")
	write(t, "named.toml", "realm = 'named'\ndata = 'moved'\n")
	for _, row := range []struct {
		flags       string
		environment []string
		realm, data string
	}{
		{"", nil, "in ./data", "./data"},
		{"--data=other", nil, "in other", "other"},
		{"", []string{"HANDSTAMP_DATA=other"}, "in other", "other"},
		{"--data=data", []string{"HANDSTAMP_DATA=other"}, "in ./data", "data"},
		{"--data=nowhere", nil, "Login Required", "nowhere"},
		{"--config=named.toml", nil, "named", "moved"},
		{"", []string{"HANDSTAMP_CONFIG=named.toml"}, "named", "moved"},
		{"--config=named.toml", []string{"HANDSTAMP_CONFIG=nonsense"}, "named", "moved"},
		{"--config=named.toml --data=mine", nil, "named", "mine"},
	} {
		l, err := loadFrom(t, row.flags, row.environment...)
		if err != nil || l.Values.Realm != row.realm || l.Values.Data != row.data {
			t.Errorf("%s %v: %q, %q, %v", row.flags, row.environment, l.Values.Realm, l.Values.Data, err)
		}
	}

	if _, err := loadFrom(t, "--config=nowhere.toml"); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "nowhere.toml") {
		t.Errorf("a file that was named and is not there: %v", err)
	}
	write(t, "data/handstamp.toml", "data = 'elsewhere'\n")
	if _, err := loadFrom(t, ""); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "cannot move it") {
		t.Errorf("a file in the data folder that moves it: %v", err)
	}
}

// TestServeSettingsRefused: no weak setting without a word, and the message says what to set.
func TestServeSettingsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for flags, says := range map[string]string{
		"--public-url=http://id.example.com":       "flag --public-url: http://id.example.com is not encrypted; set an address that begins with https://, or insecure-public-url = true",
		"--listen=0.0.0.0:5000":                    "flag --listen: others can reach 0.0.0.0:5000, and public-url http://localhost:5000 is not encrypted; listen on 127.0.0.1:5000, or",
		"--listen=:5000":                           "others can reach :5000",
		"--listen=":                                "flag --listen: there must be an address to listen on",
		"--public-url=https://id.example.com/auth": "public-url: must be a scheme, a host and perhaps a port",
		"--public-url=":                            "public-url: must be a scheme",
		"--ops-listen=127.0.0.1:5000":              "flag --ops-listen: 127.0.0.1:5000 is where listen (default) listens already",
		"--trusted-proxies=10.0.0.1,0.0.0.0/0":     "0.0.0.0/0 is everybody",
		"--trusted-proxies=::/0":                   "::/0 is everybody",
		"--origins=https://*.example.com":          "has a wildcard",
		"--origins=*":                              "has a wildcard",
		"--session-idle=25h":                       "flag --session-idle: 25h is longer than session-lifetime, 24h",
		"--session-lifetime=30m":                   "session-idle (default): 1h is longer than session-lifetime, 30m",
		"--basic-memory=61s":                       "1m1s is more than 60s",
		"--password-length=7":                      "7 is less than 8",
		"--credentials=":                           "nobody could sign in",
		"--credentials=session,basic,session":      "session is there twice",
		"--credentials=token":                      `"token" is neither session, bearer nor basic`,
		"--token-lifetime=31d":                     "31d is longer than token-renewable, 30d",
		"--lease=1s":                               "1s is less than 2s",
		"--plone-path=acl_users":                   "must be a path that begins with a slash",
		"--cookie-domain=example.com":              "the host of public-url, localhost, is not in it",
		"--public-url=https://id.example.com --trusted-proxies=loopback --cookie-domain=ample.com": "the host of public-url, id.example.com, is not in it",
		"--public-url=https://id.example.com --trusted-proxies=loopback --cookie-domain=com":       `"com" is nobody's own domain`,
		"--store=mysql://u:hunter2@db/x":     "not a store that there is",
		"--store=redis":                      "take sqlite, memory, or the URL of a PostgreSQL database",
		"--registration=yes":                 `"yes" is not one of open, closed`,
		"--realm=Ünïcode":                    "it must be ASCII",
		`--realm="`:                          "it must be ASCII",
		"--hash-memory=1MiB":                 "1MiB is not enough for one hash; set 19MiB or more",
		"--session-limit=-1":                 "-1 is less than 0",
		"--audit-retention=1h":               "1h is less than 1d",
		"--log-level=loud":                   `"loud" is not one of debug, info, warn, error`,
		"--old-cookie=PHP;SESSID":            "cannot be the name of a cookie",
		"--old-cookie=session":               "session is the name of our own cookie",
		"--old-cookie=a --credentials=basic": "nobody is let in by a session; add session to",
	} {
		_, err := loadFrom(t, flags)
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s\ngot  %v\nwant %s", flags, err, says)
		}
	}
}

// TestServeSettingsWarned: what works, and is weak.
func TestServeSettingsWarned(t *testing.T) {
	t.Chdir(t.TempDir())
	for flags, says := range map[string]string{
		"--public-url=http://id.example.com --insecure-public-url": "whoever sees the network sees passwords and sessions",
		"--listen=0.0.0.0:5000 --insecure-public-url":              "others can reach 0.0.0.0:5000, and nothing is encrypted",
		"--public-url=https://id.example.com":                      "flag --public-url is https, so",
		"--password-length=8":                                      "flag --password-length: passwords of 8 characters are weak",
		"--ops-listen=:9000":                                       "others can reach :9000, where /metrics is for everybody",
		"--public-url=https://id.example.com --trusted-proxies=loopback --cookie-domain=example.com": "every host of example.com gets the session cookie",
		"--no-throttle":            "passwords can be tried without limit",
		"--proxy-header=forwarded": "without trusted-proxies nobody's header is read",
		"--public-url=https://id.example.com --trusted-proxies=loopback":            "",
		"--listen=0.0.0.0:5000 --trusted-proxies=private --public-url=https://id.x": "",
		"--public-url=http://127.0.0.1:8080 --listen=localhost:8080":                "",
		"--trusted-proxies=loopback --proxy-header=forwarded":                       "",
		"--ops-listen=127.0.0.1:5001 --origins=https://app.example.com":             "",
		"--session-idle=24h --hash-memory=19MiB --basic-memory=0 --session-limit=0": "",
		"--listen=127.0.0.1:0 --ops-listen=127.0.0.1:0":                             "",
	} {
		l, err := loadFrom(t, flags)
		got := strings.Join(l.Warnings, "\n")
		if says == "flag --public-url is https, so" {
			says = "trusted-proxies (default): public-url is https, so a proxy stands in front"
		}
		if err != nil || !strings.Contains(got, says) || (says == "") != (got == "") {
			t.Errorf("%s\ngot  %q, %v\nwant %s", flags, got, err, says)
		}
	}
}

// TestAllThatIsWrong is said at once, and by whom.
func TestAllThatIsWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "data/handstamp.toml", "\nsesion-idle = '1h'\nsession-limit = 'x'\n")
	_, err := loadFrom(t, "--listen=x", "HANDSTAMP_LEES=2s")
	if err == nil {
		t.Fatal("no error")
	}
	for _, says := range []string{
		"4 settings cannot be used:", `flag --listen: "x" is not an address`, "environment variable HANDSTAMP_LEES: no such setting",
		`data/handstamp.toml line 2, "sesion-idle": no such setting; did you mean session-idle?`, "data/handstamp.toml line 3, session-limit: ",
	} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("no %q in\n%v", says, err)
		}
	}
}

func TestTrustedProxies(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := loadFrom(t, "", "HANDSTAMP_TRUSTED_PROXIES=loopback, 192.0.2.7")
	got := settings.Prefixes(l.Values.TrustedProxies)
	want := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("192.0.2.7/32")}
	if err != nil || !cmp.Equal(got, want, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestTraceHeaders are a secret, and nobody says what they are.
func TestTraceHeaders(t *testing.T) {
	t.Chdir(t.TempDir())
	const headers = "HANDSTAMP_TRACE_HEADERS=api-key=hunter%32, x-tenant = a=b,"
	l, err := loadFrom(t, "--trace-endpoint=https://otlp.example.com", headers)
	got, headersErr := l.Values.traceHeaders()
	if err != nil || headersErr != nil || !cmp.Equal(got, map[string]string{"api-key": "hunter2", "x-tenant": "a=b"}) {
		t.Errorf("%v, %v, %v", got, err, headersErr)
	}
	for says, row := range map[string][]string{
		"set trace-endpoint":            {"", headers},
		"is not encrypted":              {"--trace-endpoint=http://otlp.example.com", headers},
		"must be NAME=VALUE":            {"--trace-endpoint=https://otlp.example.com", "HANDSTAMP_TRACE_HEADERS=hunter2"},
		"_HEADERS: must be NAME=VALUE,": {"--trace-endpoint=https://otlp.example.com", "HANDSTAMP_TRACE_HEADERS=a=hunter2\r\nx: y"},
		"_HEADERS: must be":             {"--trace-endpoint=https://otlp.example.com", "HANDSTAMP_TRACE_HEADERS=a=hunter2%zz"},
	} {
		_, err := loadFrom(t, row[0], row[1])
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}

func TestReloadServeSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	const file = "data/handstamp.toml"
	write(t, file, "log-level = 'info'\nsession-lifetime = '24h'\n")
	l, err := loadFrom(t, "")
	if err != nil {
		t.Fatal(err)
	}
	reload := func(text string) (settings.Loaded[serveSettings], []string, []string, error) {
		write(t, file, text)
		return reloadServeSettings(l.Values, nil, nil)
	}

	next, changed, restart, err := reload("log-level = 'debug'\nsession-lifetime = '48h'\nlisten = '127.0.0.1:1'\n")
	if err != nil || !cmp.Equal(changed, []string{"log-level"}) || !cmp.Equal(restart, []string{"listen", "session-lifetime"}) {
		t.Errorf("%q, %q, %v", changed, restart, err)
	}
	if s := next.Values; s.LogLevel != "debug" || time.Duration(s.SessionLifetime) != 24*time.Hour || s.Listen != "127.0.0.1:5000" {
		t.Errorf("%+v", s)
	}

	_, changed, _, err = reload("log-level = 'loud'\n")
	if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "loud") || changed != nil {
		t.Errorf("what cannot be read: %q, %v", changed, err)
	}

	// By themselves both files are fine. Without a restart the server would go on listening for
	// everybody, and nobody would stand in front of it any more.
	write(t, file, "listen = '0.0.0.0:5000'\ntrusted-proxies = 'private'\n")
	if l, err = loadFrom(t, ""); err != nil {
		t.Fatal(err)
	}
	_, changed, _, err = reload("listen = '127.0.0.1:5000'\n")
	if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "with what needs a restart as it was") || changed != nil {
		t.Errorf("what does not fit: %q, %v", changed, err)
	}
}

// TestServeHelp: the help has every setting.
func TestServeHelp(t *testing.T) {
	var program struct {
		Data  string
		Serve struct{ serveFlags } `cmd:""`
	}
	program.Serve.serveFlags = newServeFlags()
	var out bytes.Buffer
	parser, err := kong.New(&program, kong.Name("handstamp"), kong.Writers(&out, &out), kong.Exit(func(int) { panic(helpShown{}) }))
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = parser.Parse([]string{"serve", "--help"})
	}()
	for _, want := range []string{
		"--config=FILE", "$HANDSTAMP_CONFIG", "--check", "--session-idle=DURATION", "Signing in\n", "--trace-headers-file=FILE",
		"--credentials=session|bearer|basic,…", "SIGHUP", "Example:",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in the help\n%s", want, &out)
		}
	}
}
