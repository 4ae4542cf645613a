package importer_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/importer"
)

// reasons strips the notes to what differs between tests.
func reasons(notes []importer.Note) []string {
	var all []string
	for _, note := range notes {
		text := note.Kind + " " + note.Key + ": " + note.Reason
		if note.Skipped {
			text = "skipped " + text
		}
		all = append(all, text)
	}
	return all
}

// sameNotes compares notes with the starts of what they should be.
func sameNotes(t *testing.T, got []importer.Note, want ...string) {
	t.Helper()
	lines := reasons(got)
	for i := range lines {
		if i < len(want) && strings.HasPrefix(lines[i], want[i]) {
			lines[i] = want[i]
		}
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("notes differ (-want +got):\n%s", diff)
	}
}

func TestFlaskUserMembers(t *testing.T) {
	plain := account.User{ID: id(t, bob), CreatedAt: utc, UpdatedAt: utc}
	with := func(change func(*account.User)) account.User {
		user := plain
		change(&user)
		return user
	}
	for name, test := range map[string]struct {
		object string
		want   account.User
		notes  []string // without "user KEY: "
	}{
		"nothing":         {`{}`, plain, nil},
		"all null":        {`{"id": null, "created_at": null, "updated_at": null, "email": null, "_password": null, "first_name": null, "last_name": null}`, plain, nil},
		"unknown members": {`{"role": "admin", "Email": "x", "EMAIL": "y", "PasswordHash": "` + sha + `"}`, plain, nil},
		"email":           {`{"email": " Zo\u00e9@X "}`, with(func(u *account.User) { u.Email = " Zoé@X " }), nil},
		"raw UTF-8":       {`{"email": "zoé@日本"}`, with(func(u *account.User) { u.Email = "zoé@日本" }), nil},
		"last wins":       {`{"email": "a", "email": "b"}`, with(func(u *account.User) { u.Email = "b" }), nil},
		"email number":    {`{"email": 1.50}`, with(func(u *account.User) { u.Email = "1.50" }), []string{"email is not text; its JSON form"}},
		"email bool":      {`{"email": false}`, with(func(u *account.User) { u.Email = "false" }), []string{"email is not text; its JSON form"}},
		"email object":    {`{"email": {"a": 1}}`, plain, []string{"email is not text; the user has none"}},
		"email array":     {`{"email": ["a"]}`, plain, []string{"email is not text; the user has none"}},
		"email zero byte": {`{"email": "a\u0000b"}`, with(func(u *account.User) { u.Email = "a\uFFFDb" }), []string{"email has characters"}},
		"email half pair": {`{"email": "a\ud800b"}`, with(func(u *account.User) { u.Email = "a\uFFFDb" }), []string{"email has characters"}},
		"email as meant":  {`{"email": "\uFFFD�\ud83d\ude00"}`, with(func(u *account.User) { u.Email = "\uFFFD\uFFFD😀" }), nil},
		"names":           {`{"first_name": "", "last_name": "Dylan"}`, with(func(u *account.User) { u.FirstName, u.LastName = new(""), new("Dylan") }), nil},
		"odd names":       {`{"first_name": 42, "last_name": { "a" : [ 1 ] }}`, with(func(u *account.User) { u.FirstName, u.LastName = new("42"), new(`{"a":[1]}`) }), []string{"first_name is not text", "last_name is not text"}},
		"password":        {`{"_password": "` + sha + `"}`, with(func(u *account.User) { u.PasswordHash = sha }), nil},
		"password upper":  {`{"_password": "` + strings.ToUpper(sha) + `"}`, with(func(u *account.User) { u.PasswordHash = sha }), nil},
		"password short":  {`{"_password": "` + sha[:62] + `"}`, plain, []string{"the password hash"}},
		"password no hex": {`{"_password": "` + sha[:63] + `g"}`, plain, []string{"the password hash"}},
		"password number": {`{"_password": 1}`, plain, []string{"the password hash"}},
		"other id":        {`{"id": "` + eve + `"}`, plain, []string{"the member id is not the key; the key was taken"}},
		"odd id":          {`{"id": 5}`, plain, []string{"the member id is not the key"}},
		"odd times":       {`{"created_at": "2017-10-16", "updated_at": 5}`, plain, []string{"created_at is not a time", "updated_at is not a time"}},
	} {
		t.Run(name, func(t *testing.T) {
			batch := flask(t, folder(t, map[string]string{userFile: `{"` + bob + `": ` + test.object + `}`}))
			if diff := cmp.Diff([]account.User{test.want}, batch.Users); diff != "" {
				t.Errorf("user differs (-want +got):\n%s", diff)
			}
			var want []string
			for _, note := range test.notes {
				want = append(want, "user "+bob+": "+note)
			}
			sameNotes(t, batch.Notes, want...)
		})
	}
}

func TestFlaskTimes(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2017-10-16T04:23:04":            then,
		"2017-10-16 04:23:04":            then,
		"2017-10-16T04:23:04.5":          then.Add(500 * time.Millisecond),
		"2017-10-16 04:23:04.1234567899": then.Add(123456 * time.Microsecond),
		"2999-01-01T00:00:00":            time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC),
		"0001-01-02T00:00:00":            time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC),
		"0000-01-01T00:00:00":            {},
		"2017-10-16T04:23:04Z":           {},
		"2017-10-16T04:23:04+02:00":      {},
		"2017-10-16T04:23:04.":           {},
		"2017-10-16T04:23:04,5":          {},
		"2017-10-16T04:23:04.5x":         {},
		"2017-10-16t04:23:04":            {},
		"2017-10-16  4:23:04":            {},
		"2017-10-16T4:23:04.5":           {},
		"2017-02-30T04:23:04":            {},
		"2017-10-16T24:00:00":            {},
		"":                               {},
	} {
		t.Run(text, func(t *testing.T) {
			batch := flask(t, folder(t, map[string]string{userFile: `{"` + bob + `": {"created_at": "` + text + `"}}`}))
			if want.IsZero() {
				want = utc
				sameNotes(t, batch.Notes, "user "+bob+": created_at is not a time of the founding form; now")
			} else {
				sameNotes(t, batch.Notes)
			}
			if got := batch.Users[0].CreatedAt; got != want {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestFlaskUserKeys(t *testing.T) {
	upper := strings.ToUpper(bob)
	zero := handstamp.ID{}.String()
	text := fmt.Sprintf(`{
		"%[1]s": {"email": "first"},
		"x": {"id": "x", "email": "x"},
		"%[2]s": {"email": "upper"},
		"%[3]s": {"email": "zero"},
		"": {"email": "none"},
		"y": 5,
		"z": [],
		"%[1]s": {"email": "last"},
		"w": {},
		"w": null,
		"%[4]s": {"email": "made to collide"}}`, bob, upper, zero, handstamp.IDOf("flask:x"))
	batch := flask(t, folder(t, map[string]string{userFile: text}))
	got := make([]string, 0, len(batch.Users))
	for _, user := range batch.Users {
		got = append(got, user.ID.String()+" "+user.Email)
	}
	derived := func(key string) string { return handstamp.IDOf("flask:" + key).String() }
	if diff := cmp.Diff([]string{
		bob + " last", derived("x") + " x", derived(upper) + " upper", derived(zero) + " zero", derived("") + " none",
	}, got); diff != "" {
		t.Errorf("users differ (-want +got):\n%s", diff)
	}
	sameNotes(t, batch.Notes,
		"user "+bob+": the key is there more than once; the last entry counts",
		"user x: the key is not a UUID in lower case; the id is now "+derived("x"),
		"user "+upper+": the key is not a UUID",
		"user "+zero+": the key is not a UUID",
		"user : the key is not a UUID",
		"skipped user y: not an object",
		"skipped user z: not an object",
		"skipped user w: not an object",
		"user w: the key is there more than once",
		"skipped user "+derived("x")+": another user before it has the same id",
	)
}

func TestFlaskManyUsers(t *testing.T) {
	const n = 20_000
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `%c"%08x-0000-4000-8000-000000000000": {"email": "u%d@x", "_password": %q, "first_name": "日本"}`, "{,"[min(i, 1)], i, i, sha)
	}
	b.WriteString("}")
	batch, err := importer.Flask(filepath.Join(folder(t, map[string]string{"u": b.String()}), "u"), now)
	if err != nil {
		t.Fatal(err)
	}
	if len(batch.Users) != n || len(batch.Notes) != 0 {
		t.Fatalf("%d users, %d notes; want %d and none", len(batch.Users), len(batch.Notes), n)
	}
	for i, user := range batch.Users {
		if want := fmt.Sprintf("u%d@x", i); user.Email != want || *user.FirstName != "日本" {
			t.Fatalf("%v, want %s", user, want)
		}
	}
}
