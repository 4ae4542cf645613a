package importer_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/session"
)

const (
	userFile    = ".db_User.json"
	sessionFile = ".db_UserSession.json"

	bob  = "cf3ddee1-ff24-49e4-a40b-2540333fe992"
	eve  = "9375973a-68c7-46aa-b135-29f79e837495"
	sid1 = "7cb7a1f2-8c1f-4d1e-9d0a-4b7a3f0b5e11"
	sid2 = "0f2d9c5e-3b7a-4f43-8f5c-6a1f1f7f2b22"
	key1 = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
	key2 = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
	sha  = "7a321db83885ebbe8358bc1160c803af6cc70c80aa8f750eeb9d21d5f8c75967"
)

var (
	now  = time.Date(2026, 11, 22, 2, 4, 11, 123456789, time.FixedZone("", 3600))
	utc  = time.Date(2026, 11, 22, 1, 4, 11, 123456000, time.UTC)
	then = time.Date(2017, 10, 16, 4, 23, 4, 0, time.UTC)
)

// folder makes a folder with these files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// flask imports twice, as both have to come out alike, and looks for secrets in the notes.
func flask(t *testing.T, path string) importer.Batch {
	t.Helper()
	batch, err := importer.Flask(path, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := importer.Flask(path, now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(batch, again); diff != "" {
		t.Errorf("second import differs:\n%s", diff)
	}
	for _, note := range batch.Notes {
		noSecret(t, note.Key+note.Reason)
	}
	return batch
}

func noSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{sid1, sid2, sha} {
		if strings.Contains(strings.ToLower(text), secret) {
			t.Errorf("%q holds the secret %q", text, secret)
		}
	}
}

func id(t *testing.T, s string) handstamp.ID {
	t.Helper()
	id, err := handstamp.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// record is the session that an entry of the file becomes.
func record(t *testing.T, key, sid, user string, at time.Time) session.Record {
	t.Helper()
	var r session.Record
	r.ID, r.UserID = id(t, key), id(t, user)
	r.Hash, r.Revision = sha256.Sum256([]byte(sid)), 1
	r.BeganAt, r.ProvedAt, r.SeenAt = at, at, at
	return r
}

func TestFlaskFounding(t *testing.T) {
	const path = "../testdata/founding/users.json"
	batch := flask(t, path)
	if len(batch.Notes) != 0 || len(batch.Sessions) != 0 {
		t.Errorf("notes %v, sessions %v; want none", batch.Notes, batch.Sessions)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The file read in the other way: whole, and by member names.
	var want map[string]struct {
		ID        string  `json:"id"`
		CreatedAt string  `json:"created_at"`
		UpdatedAt string  `json:"updated_at"`
		Email     string  `json:"email"`
		Password  string  `json:"_password"`
		FirstName *string `json:"first_name"`
		LastName  *string `json:"last_name"`
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if len(batch.Users) != len(want) || len(want) != 8 {
		t.Fatalf("%d users, the file has %d, want 8", len(batch.Users), len(want))
	}
	last := -1
	for _, user := range batch.Users {
		at := strings.Index(string(data), user.ID.String())
		if at <= last {
			t.Errorf("%s is not in file order", user.ID)
		}
		last = at
		w := want[user.ID.String()]
		created, err1 := time.Parse("2006-01-02T15:04:05", w.CreatedAt)
		updated, err2 := time.Parse("2006-01-02T15:04:05", w.UpdatedAt)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(account.User{
			ID: id(t, w.ID), Email: w.Email, FirstName: w.FirstName, LastName: w.LastName,
			CreatedAt: created, UpdatedAt: updated, PasswordHash: w.Password,
		}, user); diff != "" {
			t.Errorf("user differs (-want +got):\n%s", diff)
		}
	}
}

func TestFlaskFolder(t *testing.T) {
	users := `{"` + bob + `": {"id": "` + bob + `", "email": "bob@hbtn.io", "_password": "` + sha + `"}}`
	// One entry in each order of members, one of them with what some implementations added.
	sessions := `{
		"` + key1 + `": {"id": "` + key1 + `", "created_at": "2017-10-16T04:23:04", "updated_at": "2017-10-16T04:23:04", "user_id": "` + bob + `", "session_id": "` + sid1 + `"},
		"` + key2 + `": {"id": "` + key2 + `", "email": null, "_password": null, "first_name": null, "last_name": null, "session_id": "` + sid2 + `", "user_id": "` + eve + `"}}`
	both := []session.Record{record(t, key1, sid1, bob, then), record(t, key2, sid2, eve, utc)}
	only := []account.User{{ID: id(t, bob), Email: "bob@hbtn.io", PasswordHash: sha, CreatedAt: utc, UpdatedAt: utc}}

	for name, test := range map[string]struct {
		files map[string]string
		file  string
		want  importer.Batch
	}{
		"both":              {map[string]string{userFile: users, sessionFile: sessions}, "", importer.Batch{Users: only, Sessions: both}},
		"users alone":       {map[string]string{userFile: users}, "", importer.Batch{Users: only}},
		"sessions alone":    {map[string]string{sessionFile: sessions}, "", importer.Batch{Sessions: both}},
		"one file of users": {map[string]string{userFile: users, sessionFile: sessions}, userFile, importer.Batch{Users: only}},
		"one session file":  {map[string]string{userFile: users, sessionFile: sessions}, sessionFile, importer.Batch{Sessions: both}},
		"other name":        {map[string]string{"copy.json": sessions}, "copy.json", importer.Batch{Sessions: both}},
		"sessions by name":  {map[string]string{sessionFile: `{"x": {}}`}, sessionFile, importer.Batch{Notes: []importer.Note{{Kind: "session", Key: "x", Skipped: true, Reason: "session_id is not a UUID in lower case; ids that could be guessed are not taken over"}}}},
		"empty objects":     {map[string]string{userFile: "{}", sessionFile: " {} \n"}, "", importer.Batch{}},
		"byte order mark":   {map[string]string{userFile: "\xef\xbb\xbf" + users}, userFile, importer.Batch{Users: only}},
	} {
		t.Run(name, func(t *testing.T) {
			got := flask(t, filepath.Join(folder(t, test.files), test.file))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("batch differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFlaskErrors(t *testing.T) {
	good := `{"` + bob + `": {"_password": "` + sha + `", "session_id": "` + sid1 + `"}}`
	for name, test := range map[string]struct {
		text string
		want string // in the message
	}{
		"empty":           {"", "byte 0: empty; the file looks half-written"},
		"blank":           {" \n", "byte 2: ends in the middle; the file looks half-written"},
		"array":           {"[]", "byte 0: the outermost value is not an object"},
		"array and mark":  {"\xef\xbb\xbf[]", "byte 3: the outermost"},
		"text":            {`"{}"`, "byte 0: the outermost value"},
		"not JSON":        {"<?php", "byte 0: what begins here is not JSON"},
		"cut off":         {good[:60], "byte 60: ends in the middle; the file looks half-written"},
		"cut before end":  {good[:len(good)-1], "half-written"},
		"cut in a key":    {good[:9], "byte 9: ends in the middle"},
		"interleaved":     {good + good[80:], "extra data after the end of the object; the file looks half-written"},
		"two objects":     {"{} {}", "byte 2: extra data"},
		"number":          {"1e999", "byte 0: the outermost value is not an object"},
		"number behind":   {"{} 1e999", "byte 2: extra data"},
		"zeroes behind":   {"{}\x00\x00", "byte 2: extra data"},
		"mixed up":        {`{"a": {"b": "c", {"a": {}}}`, "byte 5: what begins here is not JSON"},
		"no colon":        {`{"a" 1}`, "not JSON"},
		"final comma":     {`{"a": {},}`, "not JSON"},
		"wrong brace":     {`{"a": {}]`, "not JSON"},
		"NaN":             {`{"a": {"email": NaN}}`, "not JSON"},
		"Latin-1":         {`{"a": {"email": "` + "\xe9" + `@x"}}`, "byte 17: not UTF-8"},
		"Latin-1 outside": {"{}\xff", "byte 2: not UTF-8"},
		"UTF-16":          {"\xff\xfe{\x00}\x00", "byte 0: not UTF-8"},
		"deep":            {`{"a": ` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", "depth"},
		"huge object":     {`{"b": 1, "a": {"x": "` + strings.Repeat("y", 1<<20) + `"}}`, "byte 7: what begins here is larger"},
		"huge key":        {`{"` + strings.Repeat("y", 1<<20) + `": {}}`, "byte 1: what begins here is larger"},
		"huge blank":      {strings.Repeat(" ", 2<<20), "byte 0: what begins here is larger"},
	} {
		for _, file := range []string{userFile, sessionFile} {
			t.Run(name+"/"+file, func(t *testing.T) {
				good := map[string]string{userFile: "{}", sessionFile: "{}"}
				good[file] = test.text
				dir := folder(t, good)
				for _, path := range []string{dir, filepath.Join(dir, file)} {
					got, err := importer.Flask(path, now)
					if !errors.Is(err, importer.ErrFormat) {
						t.Fatalf("%v, want ErrFormat", err)
					}
					if text := err.Error(); !strings.HasPrefix(text, "read "+filepath.Join(dir, file)+": ") || !strings.Contains(text, test.want) {
						t.Errorf("%q, want the file and %q", text, test.want)
					}
					noSecret(t, err.Error())
					if diff := cmp.Diff(importer.Batch{}, got); diff != "" {
						t.Errorf("something was taken:\n%s", diff)
					}
				}
			})
		}
	}
}

func TestFlaskFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := importer.Flask(dir, now); !errors.Is(err, importer.ErrNothingThere) ||
		!strings.Contains(err.Error(), userFile) || !strings.Contains(err.Error(), sessionFile) {
		t.Errorf("empty folder: %v", err)
	}
	missing := filepath.Join(dir, "missing")
	if _, err := importer.Flask(missing, now); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), missing) != 1 {
		t.Errorf("missing: %v", err)
	}

	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 512<<20+1); err != nil { // a hole: it takes no room
		t.Fatal(err)
	}
	if _, err := importer.Flask(large, now); !errors.Is(err, importer.ErrTooLarge) {
		t.Errorf("large: %v", err)
	}

	if err := os.Mkdir(filepath.Join(dir, userFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Flask(dir, now); !errors.Is(err, importer.ErrFormat) || !strings.Contains(err.Error(), "regular") {
		t.Errorf("folder where the file should be: %v", err)
	}
}
