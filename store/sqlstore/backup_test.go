package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// TestBackupWhileWriting: what was acknowledged before the call is in the backup as it was, whoever
// writes meanwhile.
func TestBackupWhileWriting(t *testing.T) {
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	ended := newRecord(u.ID)
	must(t, s.Sessions().Insert(t.Context(), ended))
	if n, err := s.Sessions().End(t.Context(), session.Selection{Hash: ended.Hash}); n != 1 || err != nil {
		t.Fatal(n, err)
	}

	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var acknowledged []session.Hash
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for ctx.Err() == nil {
				r := newRecord(u.ID)
				r.Data = make([]byte, 500)
				if s.Sessions().Insert(ctx, r) == nil {
					mu.Lock()
					acknowledged = append(acknowledged, r.Hash)
					mu.Unlock()
				}
			}
		})
	}
	defer writers.Wait()
	defer stop()
	for round := range 5 {
		file := newFile(t)
		mu.Lock()
		before := slices.Clone(acknowledged)
		mu.Unlock()
		size, err := s.Backup(t.Context(), file, false)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Size() != size || size == 0 {
			t.Errorf("%d bytes, said to be %d: %v", info.Size(), size, err)
		}
		backup := open(t, file)
		if _, err := backup.Users().Find(t.Context(), account.Ref{EmailKey: u.EmailKey}); err != nil {
			t.Error("the user:", err)
		}
		for _, hash := range before {
			if _, err := backup.Sessions().Load(t.Context(), hash); err != nil {
				t.Fatalf("round %d: one of %d sessions from before the backup: %v", round, len(before), err)
			}
		}
		if _, err := backup.Sessions().Load(t.Context(), ended.Hash); !errors.Is(err, session.ErrGone) {
			t.Error("the session that had ended:", err)
		}
		must(t, backup.Close())
	}
}

func TestBackupOverwritesNothing(t *testing.T) {
	s := open(t, newFile(t))
	must(t, s.Users().Insert(t.Context(), newUser("ann@example.com"), account.Write{}))
	file := filepath.Join(t.TempDir(), "backup")
	must(t, os.WriteFile(file, []byte("dear"), 0o644))
	if _, err := s.Backup(t.Context(), file, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want fs.ErrExist", err)
	}
	if text, err := os.ReadFile(file); string(text) != "dear" || err != nil {
		t.Errorf("the file has become %q, %v", text, err)
	}
	_, err := s.Backup(t.Context(), file, true)
	must(t, err)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want only its owner to read it", info.Mode(), err)
	}
	wantAlone(t, file)
	if n, err := open(t, file).Users().Count(t.Context()); n != 1 || err != nil {
		t.Errorf("%d users in the backup, %v", n, err)
	}
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	s := open(t, newFile(t))
	folder := t.TempDir()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Backup(gone, filepath.Join(folder, "backup"), false); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if left, err := os.ReadDir(folder); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := s.Backup(t.Context(), filepath.Join(folder, "no", "backup"), false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
}

// wantAlone checks that a file is the only one in its folder.
func wantAlone(t *testing.T, file string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(file) {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// TestReady: a store that cannot write says so, and that it can again without being asked to write.
func TestReady(t *testing.T) {
	s := open(t, newFile(t))
	must(t, s.Ready(t.Context()))
	set := func(pragma string) {
		t.Helper()
		if _, err := s.writes.line.conn.ExecContext(t.Context(), pragma); err != nil {
			t.Fatal(err)
		}
	}
	set(`PRAGMA query_only = 1`)
	if err := s.Sessions().Insert(t.Context(), newRecord(newUser("").ID)); err == nil {
		t.Fatal("the write did not fail")
	}
	for range 2 {
		if err := s.Ready(t.Context()); err == nil {
			t.Error("ready, and it cannot write")
		}
	}
	set(`PRAGMA query_only = 0`)
	must(t, s.Ready(t.Context()))
	if first := countRows(t, s, `imported`); first != 0 {
		t.Errorf("the probe left %d rows", first)
	}
	must(t, s.Close())
	if s.Ready(t.Context()) == nil {
		t.Error("ready, and it is closed")
	}
}

func TestCountSessions(t *testing.T) {
	s := open(t, newFile(t))
	r := newRecord(newUser("").ID)
	must(t, s.Sessions().Insert(t.Context(), r))
	must(t, s.Sessions().Insert(t.Context(), newRecord(r.UserID)))
	if n, err := s.Sessions().Count(t.Context()); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	_, err := s.Sessions().End(t.Context(), session.Selection{Hash: r.Hash})
	must(t, err)
	if n, err := s.Sessions().Count(t.Context()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func countRows(t *testing.T, s *Store, table string) (n int) {
	t.Helper()
	must(t, s.reads.query(t.Context(), func(r row) error { return r.Scan(&n) }, `SELECT COUNT(*) FROM `+table))
	return n
}
