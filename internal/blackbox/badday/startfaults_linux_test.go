package badday_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFaultsAtStart: a server that cannot do its work says why and ends. It makes nothing new in place of
// what is missing, damages nothing, and starts as ever when all is good again.
func TestFaultsAtStart(t *testing.T) {
	onSmallDisk(t, func(t *testing.T, binary, disk string) {
		data := filepath.Join(disk, "data")
		fill(t, binary, data)
		s := serve(t, binary, data, nil)
		session, _ := s.login(bob)
		s.ask(call{method: "PUT", path: pathData + "/key", body: `"kept"`, cookie: session}, http.StatusNoContent)
		s.kill() // with a write-ahead log that has not been taken in

		key, database := filepath.Join(data, "master.key"), filepath.Join(data, "handstamp.db")
		good := readFile(t, key)
		other := bytes.Repeat([]byte("something else\n"), 1000)
		for _, row := range []struct {
			name       string
			begin, end func() error
			want       string // in the message
		}{
			{
				"the master key is missing",
				func() error { return os.Remove(key) },
				func() error { return os.WriteFile(key, good, 0o600) },
				"master key",
			},
			{
				"the master key is cut off",
				func() error { return os.WriteFile(key, good[:len(good)/2], 0o600) },
				func() error { return os.WriteFile(key, good, 0o600) },
				"master key",
			},
			{
				"the master key is empty",
				func() error { return os.WriteFile(key, nil, 0o600) },
				func() error { return os.WriteFile(key, good, 0o600) },
				"master key",
			},
			{
				"the file system is read-only",
				func() error { return syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=8m") },
				func() error { return syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=8m") },
				"database file",
			},
			{
				"the database is something else",
				func() error {
					return errors.Join(os.Rename(database, database+".away"), os.WriteFile(database, other, 0o600))
				},
				func() error {
					if got, err := os.ReadFile(database); err != nil || !bytes.Equal(got, other) {
						t.Errorf("what was there was changed: %v", err)
					}
					return os.Rename(database+".away", database)
				},
				"database",
			},
		} {
			t.Run(row.name, func(t *testing.T) {
				if err := row.begin(); err != nil {
					t.Fatal(err)
				}
				code, said := command(t, binary, data, nil, nil, "serve")
				if code != 1 || !strings.Contains(said, row.want) {
					t.Errorf("%d %s", code, said)
				}
				if strings.Contains(said, "goroutine") || strings.Contains(said, "listening") {
					t.Errorf("%s", said)
				}
				if err := row.end(); err != nil {
					t.Fatal(err)
				}
			})
		}
		s.start()
		if got := s.ask(call{path: pathData, cookie: session}, http.StatusOK).body; strings.TrimSpace(got) != `{"key":"kept"}` {
			t.Errorf("the data bag is %s", got)
		}
		// Another one beside it neither serves nor disturbs it.
		if code, said := command(t, binary, data, nil, nil, "serve"); code != 1 || !strings.Contains(said, "in use by another process") {
			t.Errorf("%d %s", code, said)
		}
		s.ask(loginCall(eve.email, eve.password), http.StatusOK)
	})
}
