//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/masterkey"
)

// TestLookAtFolder: what is seen of a real folder, and that nothing is made or changed.
func TestLookAtFolder(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "open", "data")
	own := openFolder(t, folder)
	if _, err := own.store.Backup(t.Context(), filepath.Join(folder, "copy"), false); err != nil {
		t.Fatal(err)
	}
	if err := masterkey.New().Save(filepath.Join(folder, masterKeyName)); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]fs.FileMode{"open": 0o777, "open/data": 0o750, "open/data/master.key": 0o640} {
		if err := os.Chmod(filepath.Join(root, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	before := modes(t, root)

	facts := lookAtFolder(folder)
	if facts.err != nil || facts.mode.Perm() != 0o750 || facts.nearest != folder || !slices.Contains(facts.passable, filepath.Join(root, "open")) {
		t.Errorf("%+v", facts)
	}
	if !facts.owner.isKnown || int(facts.owner.uid) != os.Geteuid() || facts.owner.name == "" {
		t.Errorf("it belongs to %+v", facts.owner)
	}
	var databases []string
	for _, file := range facts.files {
		if file.isDatabase {
			databases = append(databases, filepath.Base(file.path))
		}
		if file.owner != facts.owner || file.modified.IsZero() {
			t.Errorf("%+v", file)
		}
	}
	if !slices.Equal(databases, []string{"copy", databaseName}) {
		t.Errorf("databases: %q", databases)
	}
	if key := lookAtKey(serveSettings{Data: folder}); key.err != nil || key.made.IsZero() || !key.hasDatabase {
		t.Errorf("key: %+v", key)
	}

	missing := lookAtFolder(filepath.Join(root, "not", "there"))
	if missing.nearest != root || missing.err == nil {
		t.Errorf("what is not there: %+v", missing)
	}
	if after := modes(t, root); len(after) != len(before) {
		t.Errorf("there were %d files, and are %d", len(before), len(after))
	}
}

// TestLookAtServer: it is the process that listens whose limits are looked at.
func TestLookAtServer(t *testing.T) {
	folder := dataFolder(filepath.Join(shortDir(t), "data"))
	if facts := lookAtServer(t.Context(), folder, nil); facts.runs || facts.pid != 0 {
		t.Errorf("nobody: %+v", facts)
	}
	server, _ := startClassic(t, string(folder))
	facts := lookAtServer(t.Context(), folder, append(os.Environ(), "HANDSTAMP_REALM=other"))
	if !facts.runs {
		t.Fatal("nobody listens")
	}
	if facts.pid == 0 {
		return // this system does not tell
	}
	if facts.pid != server.Process.Pid || int(facts.owner.uid) != os.Geteuid() || !facts.limits.areKnown {
		t.Errorf("process %d: %+v", server.Process.Pid, facts)
	}
	if !slices.Equal(facts.variables, []string{"HANDSTAMP_REALM"}) {
		t.Errorf("other variables: %q", facts.variables)
	}
}

// TestShellWord: a shell reads what was meant.
func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{
		"./data": "./data", "/srv/a b": "'/srv/a b'", "": "''", "$(reboot)": "'$(reboot)'", "it's": `'it'\''s'`, "a;b": "'a;b'", "é": "'é'",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := listed(strings.Split("d/a,d/b,d/c,d/d,d/e,d/f,d/g,d/h,d/i,d/j", ",")); got != "a, b, c, d, e, f, g, h and 2 more" {
		t.Error(got)
	}
}
