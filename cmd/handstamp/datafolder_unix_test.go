//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/handstamp/handstamp/account"
)

// TestModes: nobody but the owner may enter the folder or read a file in it, while a server runs
// and after it, and whatever the umask would allow.
func TestModes(t *testing.T) {
	t.Chdir(t.TempDir())
	was := syscall.Umask(0)
	defer syscall.Umask(was)
	folder := dataFolder("one/data")
	own, err := folder.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := folder.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.people.Create(t.Context(), account.Details{Email: "a@b.c", Password: "p"}); err != nil {
		t.Fatal(err)
	}
	running := modes(t, string(folder))
	want := map[string]fs.FileMode{
		".":                0o700 | fs.ModeDir,
		databaseName:       0o600,
		"handstamp.db-wal": 0o600,
		"handstamp.db-shm": 0o600,
		socketName:         0o600 | fs.ModeSocket,
	}
	for name, mode := range want {
		if running[name] != mode {
			t.Errorf("while it runs, %s has the mode %v, want %v", name, running[name], mode)
		}
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	if err := own.close(); err != nil {
		t.Error(err)
	}
	for _, found := range []map[string]fs.FileMode{running, modes(t, string(folder))} {
		for name, mode := range found {
			if mode.Perm()&0o077 != 0 {
				t.Errorf("%s has the mode %v", name, mode)
			}
		}
	}
	if info, err := os.Stat("one"); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the folder above was made with %v, %v", info, err)
	}
}

// modes returns the modes of a folder and of everything in it.
func modes(t *testing.T, folder string) map[string]fs.FileMode {
	t.Helper()
	found := make(map[string]fs.FileMode)
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		found[name] = info.Mode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
