package settings_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/settings"
)

const theKey = "s3cr3t-of-the-api"

// credentials makes a folder as systemd does.
func credentials(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
	}
	return "CREDENTIALS_DIRECTORY=" + folder
}

// TestSecretSources: wherever a secret can be, it is found, and the end of its line is not part of
// it.
func TestSecretSources(t *testing.T) {
	for name, from := range map[string]settings.Sources{
		"variable":               {Environment: []string{"HANDSTAMP_API_KEY=" + theKey}},
		"file of a variable":     {Environment: []string{"HANDSTAMP_API_KEY_FILE=" + file(t, "k", theKey+"\n", 0o600)}},
		"file without a newline": {Environment: []string{"HANDSTAMP_API_KEY_FILE=" + file(t, "k", theKey, 0o400)}},
		"file from Windows":      {Environment: []string{"HANDSTAMP_API_KEY_FILE=" + file(t, "k", theKey+"\r\n", 0o600)}},
		"credential": {Environment: []string{credentials(t, map[string]string{
			"handstamp_api_key": theKey + "\n", "someone_elses": "x",
		})}},
		"key":           {File: file(t, "s.toml", "api-key = '"+theKey+"'\n", 0o600)},
		"file of a key": {File: file(t, "s.toml", "api-key-file = '"+file(t, "k", theKey+"\n", 0o600)+"'\n", 0o644)},
		"flag":          {Flags: map[string][]string{"api-key-file": {file(t, "k", theKey+"\n", 0o600)}}},
		"flag before environment before file": {
			Flags:       map[string][]string{"api-key-file": {file(t, "k", theKey, 0o600)}},
			Environment: []string{"HANDSTAMP_API_KEY=other"},
			File:        file(t, "s.toml", "api-key = 'other'\n", 0o600),
		},
	} {
		l, err := table.Load(from)
		if err != nil || l.Values.Key.Reveal() != theKey || len(l.Warnings) > 0 {
			t.Errorf("%s: %q, %v, %v", name, l.Values.Key.Reveal(), l.Warnings, err)
		}
		if text := fmt.Sprintf("%+v", l); strings.Contains(text, theKey) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestSecretKeepsItself: only one line end is cut, and nothing else.
func TestSecretKeepsItself(t *testing.T) {
	for text, want := range map[string]string{
		" a \n": " a ", "a\n\n": "a\n", "a\nb\n": "a\nb", "\x00\xff": "\x00\xff", strings.Repeat("k", 64<<10): strings.Repeat("k", 64<<10),
	} {
		l, err := table.Load(settings.Sources{Environment: []string{"HANDSTAMP_API_KEY_FILE=" + file(t, "k", text, 0o600)}})
		if err != nil || l.Values.Key.Reveal() != want {
			t.Errorf("%.10q: %.10q, %v", text, l.Values.Key.Reveal(), err)
		}
	}
}

// TestSecretRefused: and no error shows it.
func TestSecretRefused(t *testing.T) {
	fine := file(t, "fine", theKey, 0o600)
	for says, from := range map[string]settings.Sources{
		"environment variable HANDSTAMP_API_KEY and environment variable HANDSTAMP_API_KEY_FILE are both set": {
			Environment: []string{"HANDSTAMP_API_KEY=" + theKey, "HANDSTAMP_API_KEY_FILE=" + fine},
		},
		"credential in $CREDENTIALS_DIRECTORY, handstamp_api_key and environment variable HANDSTAMP_API_KEY are both set": {
			Environment: []string{"HANDSTAMP_API_KEY=" + theKey, credentials(t, map[string]string{"handstamp_api_key": theKey})},
		},
		"line 1, api-key and ": {File: file(t, "s.toml", "api-key = '"+theKey+"'\napi-key-file = '"+fine+"'\n", 0o600)},
		"no such setting; did you mean handstamp_api_key?": {
			Environment: []string{credentials(t, map[string]string{"handstamp_api_ky": theKey})},
		},
		"HANDSTAMP_API_KEY_FILE: read not/there: ": {Environment: []string{"HANDSTAMP_API_KEY_FILE=not/there"}},
		"not a regular file":                       {Environment: []string{"HANDSTAMP_API_KEY_FILE=" + t.TempDir()}},
		"is empty":                                 {Environment: []string{"HANDSTAMP_API_KEY_FILE=" + file(t, "empty", "\n", 0o600)}},
		"more than 64KiB": {
			Environment: []string{"HANDSTAMP_API_KEY_FILE=" + file(t, "long", strings.Repeat(theKey, 5000), 0o600)},
		},
		"api-key: takes one value":        {File: file(t, "s.toml", "api-key = ['"+theKey+"']\n", 0o600)},
		"line 1, api-key: is not TOML":    {File: file(t, "s.toml", "api-key = "+theKey+"\n", 0o600)},
		"line 2, api-key: is not TOML":    {File: file(t, "s.toml", "open = true\napi-key = \"\\q"+theKey+"\"\n", 0o600)},
		"did you mean HANDSTAMP_API_KEY?": {Environment: []string{"HANDSTAMP_APIKEY=" + theKey}},
	} {
		_, err := table.Load(from)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got  %v\nwant %s", err, says)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("the secret is in the error: %v", err)
		}
	}
}

// TestSecretExposed: others may read the file, which works, and is said.
func TestSecretExposed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes on Windows")
	}
	open := file(t, "open", theKey, 0o640)
	for says, from := range map[string]settings.Sources{
		"environment variable HANDSTAMP_API_KEY_FILE: others on this machine can read the secret; chmod 600 " + open: {
			Environment: []string{"HANDSTAMP_API_KEY_FILE=" + open},
		},
		"line 1, api-key: others on this machine can read the file": {File: file(t, "s.toml", "api-key = '"+theKey+"'\n", 0o644)},
	} {
		l, err := table.Load(from)
		if err != nil || l.Values.Key.Reveal() != theKey || len(l.Warnings) != 1 || !strings.Contains(l.Warnings[0], says) {
			t.Errorf("%q, %v; want %s", l.Warnings, err, says)
		}
	}
}
