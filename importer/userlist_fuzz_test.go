package importer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

func anyHash(string) error { return nil }

func FuzzUserJSONLines(f *testing.F) {
	for _, seed := range []string{
		"", "\n\n", `{"email":"a@x.de"}`, "\ufeff{\"email\":\"a@x.de\",\"hash\":\"h\"}\r\n{\"email\":\"b@x.de\",\"disabled\":false}",
		`{"email":"a@x.de","id":"0b7f6c1e-52a4-4a5e-9d2e-6f1c0a9b3d77","first_name":"","created_at":"2017-10-16T04:23:04Z"}`,
		`{"email":"a@x.de","role":"\ud800"}`, `{"email":"a@x.de","email":"b@x.de"}`, "[]\n1\nnull\n{}\n{\"x\":1}", "{\"email\":\"\xe9@x.de\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		users := fuzzUserList(t, JSONLines, data)
		// What was taken says itself again.
		var again bytes.Buffer
		for _, u := range users {
			object := map[string]any{
				"email": u.Email, "first_name": u.FirstName, "last_name": u.LastName, "role": u.Role,
				"created_at": u.CreatedAt, "updated_at": u.UpdatedAt, "password_hash": u.PasswordHash,
			}
			if !u.ID.IsZero() {
				object["id"] = u.ID
			}
			line, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			again.Write(append(line, '\n'))
		}
		if len(users) > 0 && again.Len() < maxLine {
			sameUsers(t, JSONLines, users, again.Bytes())
		}
	})
}

func FuzzUserCSV(f *testing.F) {
	for _, seed := range []string{
		"", "\n\n", "email\na@x.de\n", "\ufeffemail;hash;first_name\r\na@x.de;\"h;\";\"a\"\"b\"\r\n", "email,disabled\na@x.de,f\n",
		"email,id,created_at\na@x.de,0B7F6C1E-52a4-4a5e-9d2e-6f1c0a9b3d77,2017-10-16 04:23:04+00\n", "email\na@x.de,\n", "email\n\"", "email,first_name\na@x.de,\"\r\n\"\n", "email\n\xe9@x.de\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		users := fuzzUserList(t, CSV, data)
		var again bytes.Buffer
		w := csv.NewWriter(&again)
		_ = w.Write([]string{"id", "email", "first_name", "last_name", "role", "created_at", "updated_at", "hash"})
		for i, u := range users {
			id := ""
			if !u.ID.IsZero() {
				id = u.ID.String()
			}
			first, last := "", ""
			if u.FirstName != nil {
				first = *u.FirstName
			}
			if u.LastName != nil {
				last = *u.LastName
			}
			if strings.Contains(first+last+u.Role+u.PasswordHash, "\r") { // the reader makes a line end of it
				return
			}
			_ = w.Write([]string{id, u.Email, first, last, u.Role, u.CreatedAt.Format(time.RFC3339Nano), u.UpdatedAt.Format(time.RFC3339Nano), u.PasswordHash})
			users[i] = u
		}
		if w.Flush(); len(users) > 0 && again.Len() < maxLine {
			sameUsers(t, CSV, users, again.Bytes())
		}
	})
}

// fuzzUserList reads data and returns the users, which must be what a Batch promises.
func fuzzUserList(t *testing.T, format Format, data []byte) []account.User {
	t.Helper()
	list := UserList{Format: format, KnownHash: anyHash}
	got, err := list.Read(bytes.NewReader(data), fuzzNow)
	again, err2 := list.Read(iotest.OneByteReader(bytes.NewReader(data)), fuzzNow)
	if !reflect.DeepEqual(got, again) || !reflect.DeepEqual(err, err2) {
		t.Errorf("%v, %v, but byte by byte %v, %v", got, err, again, err2)
	}
	problems, wrong := errors.AsType[*Problems](err)
	if err != nil && !wrong && !errors.Is(err, ErrNothingThere) || err != nil && got.Users != nil {
		t.Errorf("%v, %v", got, err)
	}
	if wrong {
		line, lines := 0, bytes.Count(data, []byte("\n"))+2
		for _, problem := range problems.First {
			if problem.Line < max(line, 1) || problem.Line > lines {
				t.Errorf("line %d of %d after line %d", problem.Line, lines, line)
			}
			line = problem.Line
		}
		if len(problems.First) != min(problems.Count, maxProblems) || !utf8.ValidString(err.Error()) {
			t.Errorf("%d of %d problems: %q", len(problems.First), problems.Count, err)
		}
	}
	emails, ids := make(map[string]bool), make(map[handstamp.ID]bool)
	for _, u := range got.Users {
		key, err := account.EmailKey(u.Email)
		if err != nil || emails[key] || ids[u.ID] && !u.ID.IsZero() {
			t.Errorf("%+v: %v, or is there twice", u, err)
		}
		emails[key], ids[u.ID] = true, true
		for _, text := range []*string{&u.Role, &u.PasswordHash, u.FirstName, u.LastName} {
			if text != nil && (!utf8.ValidString(*text) || strings.ContainsRune(*text, 0)) {
				t.Errorf("no database keeps %q", *text)
			}
		}
	}
	return got.Users
}

// sameUsers checks that a list in our own writing gives the users that it was written from.
func sameUsers(t *testing.T, format Format, want []account.User, data []byte) {
	t.Helper()
	got, err := UserList{Format: format, KnownHash: anyHash}.Read(bytes.NewReader(data), fuzzNow)
	if err != nil || !reflect.DeepEqual(got.Users, want) {
		t.Errorf("%s\n%+v became %+v, %v", data, want, got.Users, err)
	}
}

func TestBounded(t *testing.T) {
	text := strings.Repeat("email\n", 10)
	if got, err := io.ReadAll(&bounded{r: strings.NewReader(text), left: 20, line: 60}); !errors.Is(err, ErrTooLarge) || len(got) != 20 {
		t.Errorf("%q, %v; want 20 bytes and ErrTooLarge", got, err)
	}
	if got, err := io.ReadAll(&bounded{r: strings.NewReader(text), left: 60, line: 20}); !errors.Is(err, errLongLine) || len(got) != 20 {
		t.Errorf("%q, %v; want 20 bytes and errLongLine", got, err)
	}
	for name, read := range map[string]func(*reading, io.Reader) error{"JSON": (*reading).jsonLines, "CSV": (*reading).csv} {
		d := &reading{problems: new(Problems), emails: make(map[string]int)}
		if err := read(d, &bounded{r: strings.NewReader(text), left: 20, line: 60}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", name, err)
		}
	}
}
