package importer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/importer/phpsession"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/session/oldcookie"
	"github.com/handstamp/handstamp/store/memory"
)

// phpID is an id as Debian's PHP makes them: 26 characters of 5 bits.
const phpID = "3fl06lbf8aamkq8p0cug1k4uj7"

// php is how most folders are read.
func php(change ...func(*importer.PHPSessions)) importer.PHPSessions {
	p := importer.PHPSessions{UserKey: "user", Handler: phpsession.PHP, Lifetime: 24 * time.Minute, KeepIDs: true, Owner: -1}
	for _, c := range change {
		c(&p)
	}
	return p
}

func newIDs(p *importer.PHPSessions) { p.KeepIDs = false }

// signedIn is a session of ada's.
const signedIn = `user|s:15:"ada@example.com";cart|a:1:{i:0;s:3:"cup";}`

// phpFolder returns a folder with these files, which were last used a minute ago.
func phpFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		usedAt(t, file, now.Add(-time.Minute))
	}
	return dir
}

func usedAt(t *testing.T, file string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

func readPHP(t *testing.T, p importer.PHPSessions, dir string) (importer.Batch, []importer.NewToken) {
	t.Helper()
	batch, tokens, err := p.Read(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return batch, tokens
}

// dataOf returns the data bag of a record, which opens with token only.
func dataOf(t *testing.T, r session.Record, token session.Token) string {
	t.Helper()
	store := memory.New()
	if err := store.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	sessions := session.New(store)
	defer sessions.Close()
	sessions.Lifetime, sessions.Idle = 0, 0
	data, _, err := sessions.Data(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPHPSessions(t *testing.T) {
	old, err := oldcookie.TokenOf(phpID)
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]string{"flat": "sess_" + phpID, "two levels": "3/f/sess_" + phpID} {
		t.Run(name, func(t *testing.T) {
			dir := phpFolder(t, map[string]string{files: signedIn, "index.html": "", "other/sess_" + phpID: signedIn})
			batch, tokens := readPHP(t, php(), dir)
			if len(batch.Claims) != 1 || len(batch.Notes) != 0 || len(tokens) != 0 {
				t.Fatalf("%d claims, %v, %d tokens", len(batch.Claims), batch.Notes, len(tokens))
			}
			c := batch.Claims[0]
			used := utc.Add(-time.Minute)
			want := session.Session{ID: c.Record.ID, BeganAt: used, SeenAt: used}
			if diff := cmp.Diff(want, c.Record.Session); diff != "" || c.Record.ID.IsZero() {
				t.Errorf("session (-want +got):\n%s", diff)
			}
			if c.Who != "ada@example.com" || c.Record.Hash != old.Hash() || c.Key != old.Hash() || c.Record.Revision != 1 {
				t.Errorf("who %q, revision %d, or not under the old id", c.Who, c.Record.Revision)
			}
			if got := dataOf(t, c.Record, old); got != `{"cart":["cup"],"user":"ada@example.com"}` {
				t.Errorf("data %s", got)
			}

			again, tokens := readPHP(t, php(newIDs), dir)
			if len(again.Claims) != 1 || len(tokens) != 1 || tokens[0].Old != phpID || tokens[0].SessionID != c.Record.ID {
				t.Fatalf("%d claims, tokens %+v", len(again.Claims), tokens)
			}
			if n := again.Claims[0]; n.Record.Hash != tokens[0].New.Hash() || n.Key != c.Key {
				t.Error("with a new token it is not known again, or not under that token")
			}
			if got := dataOf(t, again.Claims[0].Record, tokens[0].New); !strings.Contains(got, "cup") {
				t.Errorf("data %s", got)
			}
		})
	}
}

// TestPHPSkips: what cannot be taken over is skipped and said, and the others go on.
func TestPHPSkips(t *testing.T) {
	other := func(i int) string { return fmt.Sprintf("sess_%02d%s", i, phpID[2:]) }
	over := map[string]string{other(1): "", other(2): `user|i:0;x|N;`, other(3): `user|b:1;`, other(4): `name|s:3:"ada";`}
	for name, row := range map[string]struct {
		text string
		file string // empty for a good name
		note importer.Note
	}{
		"empty":              {"", "", importer.Note{Count: 1, Reason: "nobody is signed in: no entry user with an id or an email"}},
		"nobody":             {`visits|i:7;`, "", importer.Note{Count: 1, Reason: "nobody is signed in: no entry user with an id or an email"}},
		"bytes for an email": {"user|s:1:\"\xff\";", "", importer.Note{Count: 1, Reason: "nobody is signed in: no entry user with an id or an email"}},
		"half written":       {signedIn[:len(signedIn)-1], "", importer.Note{Key: "sess_3fl06l…", Reason: "not a PHP session of this format: byte 52: it ends in the middle"}},
		"another handler":    {`a:1:{s:4:"user";s:1:"a";}`, "", importer.Note{Key: "sess_3fl06l…", Reason: "not a PHP session of this format: byte 0: a name without an end"}},
		"its own format":     {signedIn + `c|C:1:"A":0:{}`, "", importer.Note{Key: "sess_3fl06l…", Reason: "no JSON for this: byte 55: an object in a format that only its class can read"}},
		"too large a file":   {strings.Repeat("x", 1<<20+1), "", importer.Note{Key: "sess_3fl06l…", Reason: "PHP session too large: 1048577 bytes, at most 1048576 are read"}},
		"too much data":      {signedIn + `x|s:66000:"` + strings.Repeat("x", 66000) + `";`, "", importer.Note{Key: "sess_3fl06l…", Reason: "session data not acceptable: larger than 65536 bytes"}},
		"a long name":        {signedIn + strings.Repeat("x", 129) + `|N;`, "", importer.Note{Key: "sess_3fl06l…", Reason: "session data not acceptable: a key is longer than 128 bytes"}},
		"an empty name":      {signedIn + `|N;`, "", importer.Note{Key: "sess_3fl06l…", Reason: "wrong format: a name in it that is no text"}},
		"a short id":         {signedIn, "sess_3fl06lbf8aamkq8p0cug1", importer.Note{Count: 1, Reason: "an id that could be guessed: shorter than 22 characters, less than 100 bits, or not made by chance"}},
		"a chosen id":        {signedIn, "sess_" + strings.Repeat("a", 32), importer.Note{Count: 1, Reason: "an id that could be guessed: shorter than 22 characters, less than 100 bits, or not made by chance"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := row.file
			if file == "" {
				file = "sess_" + phpID
			}
			batch, tokens := readPHP(t, php(newIDs), phpFolder(t, map[string]string{file: row.text, "sess_9" + phpID[1:]: signedIn}))
			if len(batch.Claims) != 1 || len(tokens) != 1 || tokens[0].SessionID != batch.Claims[0].Record.ID {
				t.Errorf("%d claims and %d tokens, want only those of the other file", len(batch.Claims), len(tokens))
			}
			row.note.Kind, row.note.Skipped = "session", true
			if diff := cmp.Diff([]importer.Note{row.note}, batch.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}

	batch, _ := readPHP(t, php(), phpFolder(t, over))
	if len(batch.Claims) != 1 || batch.Claims[0].Who != "0" || batch.Notes[0].Count != 3 {
		t.Errorf("%+v", batch)
	}
	many := make(map[string]string)
	for i := range 25 {
		many[other(i+10)] = "x"
	}
	batch, _ = readPHP(t, php(), phpFolder(t, many))
	if n := len(batch.Notes); n != 21 || batch.Notes[20].Count != 5 {
		t.Errorf("%d notes, %+v", n, batch.Notes[n-1])
	}
	for _, note := range batch.Notes {
		if len(note.Key) > len("sess_10l06l…") {
			t.Errorf("a note has more of an id than it should: %s", note.Key)
		}
	}
}

// TestPHPLifetime: a session ends gc_maxlifetime after its last use, and none was used after now.
func TestPHPLifetime(t *testing.T) {
	dir := phpFolder(t, map[string]string{"sess_" + phpID: signedIn})
	for age, want := range map[time.Duration]int{
		24 * time.Minute: 1, 24*time.Minute + time.Millisecond: 0, time.Hour: 0, 0: 1, -time.Hour: 1,
	} {
		usedAt(t, filepath.Join(dir, "sess_"+phpID), now.Add(-age))
		batch, _ := readPHP(t, php(), dir)
		if len(batch.Claims) != want {
			t.Errorf("%v ago: %d sessions, want %d", age, len(batch.Claims), want)
		}
		if want == 0 && (len(batch.Notes) != 1 || batch.Notes[0].Count != 1 || !strings.Contains(batch.Notes[0].Reason, "over, as not used for 24m")) {
			t.Errorf("%v ago: %+v", age, batch.Notes)
		}
		if want == 1 && batch.Claims[0].Record.SeenAt.After(now) {
			t.Errorf("%v ago: seen at %v", age, batch.Claims[0].Record.SeenAt)
		}
	}
}

// TestPHPFolder: no file leads out of the folder, and none that is no file holds the reading up.
func TestPHPFolder(t *testing.T) {
	dir, outside := phpFolder(t, map[string]string{"sess_9" + phpID[1:]: signedIn}), phpFolder(t, map[string]string{"x": signedIn})
	for _, err := range []error{
		os.Symlink(filepath.Join(outside, "x"), filepath.Join(dir, "sess_"+phpID)),
		os.Symlink(outside, filepath.Join(dir, "d")),
		os.Mkdir(filepath.Join(dir, "sess_folder"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	batch, _ := readPHP(t, php(), dir)
	want := []importer.Note{{Kind: "session", Key: "sess_3fl06l…", Skipped: true, Reason: "wrong format: not a regular file"}}
	if diff := cmp.Diff(want, batch.Notes); diff != "" || len(batch.Claims) != 1 {
		t.Errorf("%d claims (-want +got):\n%s", len(batch.Claims), diff)
	}

	for path, want := range map[string]error{t.TempDir(): importer.ErrNothingThere, filepath.Join(dir, "nowhere"): fs.ErrNotExist} {
		if _, _, err := php().Read(path, now); !errors.Is(err, want) || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}
