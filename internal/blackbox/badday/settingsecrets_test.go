package badday_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrongSettingsTellNoSecret: what is wrong with a setting is said without the secret in it.
func TestWrongSettingsTellNoSecret(t *testing.T) {
	t.Parallel()
	binary := must[string](t, "build")(checked())
	c := newCanaries()
	const secret = "c4n4ry-in-the-settings"
	c.add("a secret of the operator", secret)
	for _, row := range []struct {
		name string
		env  settings
		args []string
		toml string

		isGood bool // as a setting: it fails when the server starts
	}{
		{name: "master key too short", env: settings{"MASTER_KEY": secret}},
		{name: "master key in a list", toml: `master-key = ["` + secret + `"]`},
		{name: "master key without quotes", toml: `master-key = ` + secret},
		{name: "master key without an end", toml: `master-key = "` + secret},
		{name: "master key in a table", toml: "[master-key]\nvalue = \"" + secret + "\""},
		{name: "master key as a flag", args: []string{"--master-key", secret}},
		{name: "master key as a flag, in one word", args: []string{"--master-key=" + secret}},
		{name: "trace headers without a name", env: settings{"TRACE_HEADERS": secret, "TRACE_ENDPOINT": "https://c"}},
		{name: "trace headers with a line end", env: settings{"TRACE_HEADERS": "a=" + secret + "\n", "TRACE_ENDPOINT": "https://c"}},
		{name: "trace headers for nobody", env: settings{"TRACE_HEADERS": "a=" + secret}},
		{name: "trace headers in the clear", env: settings{"TRACE_HEADERS": "a=" + secret, "TRACE_ENDPOINT": "http://c.example.com"}},
		{name: "trace headers as a flag", args: []string{"--trace-headers=a=" + secret}},
		{name: "collector with a password", env: settings{"TRACE_ENDPOINT": "https://me:" + secret + "@c.example.com"}},
		{name: "collector with a key", env: settings{"TRACE_ENDPOINT": "https://c.example.com/?key=" + secret}},
		{name: "public URL with a password", env: settings{"PUBLIC_URL": "https://me:" + secret + "@id.example.com"}},
		{name: "origin with a password", env: settings{"ORIGINS": "https://me:" + secret + "@id.example.com"}},
		{name: "database of another kind with a password", env: settings{"STORE": "mysql://me:" + secret + "@db/handstamp"}},
		{name: "database that cannot be spelled", env: settings{"STORE": "postgres://me:" + secret + "@[db/handstamp"}},
		{name: "database without TLS", env: settings{"STORE": "postgres://me:" + secret + "@db/handstamp"}, isGood: true},
		{name: "database that is not there", env: settings{"STORE": "postgres://me:" + secret + "@127.0.0.1:1/handstamp"}, isGood: true},
		{name: "database with a password, in the file", toml: `store = "postgres://me:` + secret + `@127.0.0.1:1/handstamp"`, isGood: true},
		{name: "database with a password, as a flag", args: []string{"--store=postgres://me:" + secret + "@127.0.0.1:1/handstamp"}, isGood: true},
		{name: "sessions that are not there", env: settings{"SESSION_STORE": "redis://me:" + secret + "@127.0.0.1:1"}, isGood: true},
		{name: "sessions of another kind", env: settings{"SESSION_STORE": "memcached://me:" + secret + "@127.0.0.1:1"}},
		{name: "misspelled variable", env: settings{"MASTERKEY": secret}},
		{name: "misspelled key", toml: `masterkey = "` + secret + `"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			data := newFolder(t)
			if row.toml != "" {
				if err := os.MkdirAll(data, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(data, "handstamp.toml"), []byte(row.toml), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, check := range [][]string{{"serve", "--check"}, {"serve"}} {
				code, said := command(t, binary, data, row.env, nil, append(check, row.args...)...)
				if isFine := row.isGood && len(check) > 1; isFine != (code == 0) || !isFine && !strings.Contains(said, "handstamp: ") {
					t.Errorf("%v: %d %s", check, code, said)
				}
				c.check(t, strings.Join(check, " "), []byte(said))
			}
		})
	}
}
