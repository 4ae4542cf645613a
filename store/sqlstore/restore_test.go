package sqlstore

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

func openFile(file string) (*sql.DB, error) { return sql.Open("sqlite", "file:"+file) }

// backupWith returns a backup with one user and one live session.
func backupWith(t *testing.T, email string) (file string, r session.Record) {
	t.Helper()
	s := open(t, newFile(t))
	u := newUser(email)
	r = newRecord(u.ID)
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	must(t, s.Sessions().Insert(t.Context(), r))
	file = filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(t.Context(), file, false); err != nil {
		t.Fatal(err)
	}
	must(t, s.Close())
	return file, r
}

func wantUsers(t *testing.T, file string, emails ...string) {
	t.Helper()
	s := open(t, file)
	defer s.Close()
	users, err := s.Users().List(t.Context(), account.Query{Limit: 100})
	must(t, err)
	var got []string
	for _, u := range users {
		got = append(got, u.Email)
	}
	if strings.Join(got, " ") != strings.Join(emails, " ") {
		t.Errorf("%s has the users %q, want %q", file, got, emails)
	}
}

// TestRestoreEndsLinks: a link that was used after the backup must not work again.
func TestRestoreEndsLinks(t *testing.T) {
	s := open(t, newFile(t))
	link := account.Link{Hash: account.LinkHash{1}, Purpose: "setup", ExpiresAt: time.Now().Add(time.Hour)}
	must(t, s.Users().AddLink(t.Context(), link))
	file := filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(t.Context(), file, false); err != nil {
		t.Fatal(err)
	}
	must(t, s.Close())
	for _, keep := range []bool{false, true} {
		into := newFile(t)
		if _, err := (Restore{Open: openFile, KeepSessions: keep}).Run(t.Context(), file, into); err != nil {
			t.Fatal(err)
		}
		s := open(t, into)
		there, err := s.Users().HasLink(t.Context(), link.Hash, time.Now())
		if there || err != nil {
			t.Errorf("keep %v: the link of the backup: %v, %v", keep, there, err)
		}
		must(t, s.Close())
	}
}

// TestRestoreEndsSessions: a logout that came after the backup must not be undone by restoring it.
func TestRestoreEndsSessions(t *testing.T) {
	file, r := backupWith(t, "ann@example.com")
	for _, keep := range []bool{false, true} {
		into := newFile(t)
		got, err := Restore{Open: openFile, KeepSessions: keep}.Run(t.Context(), file, into)
		if want := (Restored{Users: 1, Sessions: 1}); got != want || err != nil {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		wantUsers(t, into, "ann@example.com")
		s := open(t, into)
		_, err = s.Sessions().Load(t.Context(), r.Hash)
		if keep && err != nil || !keep && !errors.Is(err, session.ErrGone) {
			t.Errorf("keep %v: the session of the backup: %v", keep, err)
		}
		must(t, s.Close())
		if info, err := os.Stat(into); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	wantAlone(t, file) // and unchanged: it was restored twice
}

// TestRestoreReplacesWhatAKilledServerLeft: its last writes stand in a journal, which belongs to the
// old database and must not get into the new one.
func TestRestoreReplacesWhatAKilledServerLeft(t *testing.T) {
	file, _ := backupWith(t, "ann@example.com")
	running := newFile(t)
	s := open(t, running)
	must(t, s.Users().Insert(t.Context(), newUser("bob@example.com"), account.Write{}))
	into := newFile(t)
	for _, end := range []string{"", "-wal"} {
		must(t, copyFile(t.Context(), running+end, into+end))
	}
	if info, err := os.Stat(into + "-wal"); err != nil || info.Size() == 0 {
		t.Fatal("there is no journal:", err)
	}
	if _, err := (Restore{Open: openFile}).Run(t.Context(), file, into); !errors.Is(err, ErrDatabaseThere) {
		t.Errorf("error %v, want ErrDatabaseThere", err)
	}
	got, err := Restore{Open: openFile, Replace: true}.Run(t.Context(), file, into)
	if err != nil || got.Aside == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	wantUsers(t, into, "ann@example.com")
	wantUsers(t, got.Aside, "bob@example.com")
}

// TestRestoreRefuses what is no backup, and leaves everything as it was.
func TestRestoreRefuses(t *testing.T) {
	good, _ := backupWith(t, "ann@example.com")
	image, err := os.ReadFile(good)
	must(t, err)
	tampered := func(text string) func(string) {
		return func(file string) {
			must(t, os.WriteFile(file, image, 0o600))
			db, err := openFile(file)
			must(t, err)
			defer db.Close()
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(data []byte) func(string) {
		return func(file string) { must(t, os.WriteFile(file, data, 0o600)) }
	}
	overwritten := append([]byte(nil), image...)
	for i := 4096; i < len(overwritten) && i < 5*4096; i++ {
		overwritten[i] = 0xff
	}
	for name, c := range map[string]struct {
		make func(file string)
		want error
	}{
		"missing":   {func(string) {}, os.ErrNotExist},
		"folder":    {func(file string) { must(t, os.Mkdir(file, 0o700)) }, nil},
		"empty":     {write(nil), ErrNoBackup},
		"garbage":   {write([]byte(strings.Repeat("garbage ", 1000))), ErrNoBackup},
		"cut":       {write(image[:len(image)/2]), ErrNoBackup},
		"damaged":   {write(overwritten), ErrNoBackup},
		"foreign":   {tampered(`DROP TABLE migrations`), ErrNoBackup},
		"no tables": {tampered(`DELETE FROM migrations`), ErrNoBackup},
		"newer":     {tampered(`INSERT INTO migrations VALUES ('9999_future.sql', 'x', 0)`), ErrNewer},
		"changed":   {tampered(`UPDATE migrations SET checksum = 'other'`), ErrChanged},
		"in use": {func(file string) {
			write(image)(file)
			write([]byte("frames"))(file + "-wal")
		}, ErrInUse},
	} {
		t.Run(name, func(t *testing.T) {
			into := newFile(t)
			s := open(t, into)
			must(t, s.Users().Insert(t.Context(), newUser("bob@example.com"), account.Write{}))
			must(t, s.Close())
			file := filepath.Join(t.TempDir(), "backup")
			c.make(file)
			_, err := Restore{Open: openFile, Replace: true}.Run(t.Context(), file, into)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			wantUsers(t, into, "bob@example.com")
			left, err := filepath.Glob(into + ".re*")
			if len(left) > 0 || err != nil {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestRestoreBesideAServer(t *testing.T) {
	file, _ := backupWith(t, "ann@example.com")
	into := newFile(t)
	s := open(t, into)
	must(t, s.Users().Insert(t.Context(), newUser("bob@example.com"), account.Write{}))
	if _, err := (Restore{Open: openFile, Replace: true}).Run(t.Context(), file, into); !errors.Is(err, ErrOwned) {
		t.Errorf("error %v, want ErrOwned", err)
	}
	if _, err := s.Users().Find(t.Context(), account.Ref{EmailKey: "bob@example.com"}); err != nil {
		t.Error(err)
	}
}
