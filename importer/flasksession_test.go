package importer_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/session"
)

const (
	badToken = "session_id is not a UUID in lower case"
	badUser  = "user_id does not name a user"
)

func TestFlaskSessionMembers(t *testing.T) {
	began := func(at time.Time) []session.Record {
		return []session.Record{record(t, key1, sid1, bob, at)}
	}
	good := `"session_id": "` + sid1 + `", "user_id": "` + bob + `"`
	for name, test := range map[string]struct {
		object string
		want   []session.Record
		note   string
	}{
		"plain":           {`{` + good + `, "created_at": "2017-10-16T04:23:04"}`, began(then), ""},
		"no time":         {`{` + good + `}`, began(utc), ""},
		"now":             {`{` + good + `, "created_at": "2026-11-22T01:04:11.123456"}`, began(utc), ""},
		"future":          {`{` + good + `, "created_at": "2026-11-22T01:04:11.123457"}`, began(utc), "created_at is in the future"},
		"odd time":        {`{` + good + `, "created_at": true}`, began(utc), "created_at is not a time"},
		"other id":        {`{` + good + `, "id": 7}`, began(utc), ""},
		"upper token":     {`{"session_id": "` + strings.ToUpper(sid1) + `", "user_id": "` + bob + `"}`, nil, badToken},
		"short token":     {`{"session_id": "1", "user_id": "` + bob + `"}`, nil, badToken},
		"32 digits":       {`{"session_id": "` + strings.ReplaceAll(sid1, "-", "") + `", "user_id": "` + bob + `"}`, nil, badToken},
		"blank behind":    {`{"session_id": "` + sid1 + ` ", "user_id": "` + bob + `"}`, nil, badToken},
		"zero token":      {`{"session_id": "00000000-0000-0000-0000-000000000000", "user_id": "` + bob + `"}`, nil, badToken},
		"empty token":     {`{"session_id": "", "user_id": "` + bob + `"}`, nil, badToken},
		"number token":    {`{"session_id": 1, "user_id": "` + bob + `"}`, nil, badToken},
		"null token":      {`{"session_id": null, "user_id": "` + bob + `"}`, nil, badToken},
		"no token":        {`{"user_id": "` + bob + `"}`, nil, badToken},
		"no user":         {`{"session_id": "` + sid1 + `"}`, nil, badUser},
		"null user":       {`{"session_id": "` + sid1 + `", "user_id": null}`, nil, badUser},
		"empty user":      {`{"session_id": "` + sid1 + `", "user_id": ""}`, nil, badUser},
		"number user":     {`{"session_id": "` + sid1 + `", "user_id": 1}`, nil, badUser},
		"other case":      {`{"SESSION_ID": "` + sid1 + `", "user_id": "` + bob + `"}`, nil, badToken},
		"not an object":   {`"` + sid1 + `"`, nil, "not an object"},
		"null not object": {`null`, nil, "not an object"},
	} {
		t.Run(name, func(t *testing.T) {
			batch := flask(t, folder(t, map[string]string{sessionFile: `{"` + key1 + `": ` + test.object + `}`}))
			if diff := cmp.Diff(test.want, batch.Sessions); diff != "" {
				t.Errorf("session differs (-want +got):\n%s", diff)
			}
			switch {
			case test.note == "":
				sameNotes(t, batch.Notes)
			case test.want == nil:
				sameNotes(t, batch.Notes, "skipped session "+key1+": "+test.note)
			default:
				sameNotes(t, batch.Notes, "session "+key1+": "+test.note)
			}
		})
	}
}

func TestFlaskSessionKeys(t *testing.T) {
	entry := func(key, sid string) string {
		return fmt.Sprintf(`%q: {"session_id": %q, "user_id": %q}`, key, sid, bob)
	}
	sid := func(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }
	derived := func(key string) handstamp.ID { return handstamp.IDOf("flask-session:" + key) }
	upper := strings.ToUpper(sid2)
	text := "{" + strings.Join([]string{
		entry(key1, sid(1)),
		entry("x", sid(2)),
		entry(key2, sid(1)), // the first counts
		entry(sid1, sid1),   // its key is the cookie
		entry(upper, upper), // likewise, and refused
		entry(key1, sid(3)), // the last under a key counts, so sid(1) is key2's
		entry(derived("x").String(), sid(4)),
		entry("y", sid(3)),
	}, ",") + "}"
	batch := flask(t, folder(t, map[string]string{sessionFile: text}))

	got := make(map[handstamp.ID]session.Hash)
	for _, record := range batch.Sessions {
		got[record.ID] = record.Hash
	}
	hash := func(s string) session.Hash { return sha256.Sum256([]byte(s)) }
	if diff := cmp.Diff(map[handstamp.ID]session.Hash{
		id(t, key1): hash(sid(3)), derived("x"): hash(sid(2)), id(t, key2): hash(sid(1)), derived(sid1): hash(sid1),
	}, got); diff != "" {
		t.Errorf("sessions differ (-want +got):\n%s", diff)
	}
	sameNotes(t, batch.Notes,
		"session "+key1+": the key is there more than once",
		"skipped session "+derived(upper).String()+": "+badToken,
		"skipped session "+derived("x").String()+": another session before it has the same id",
		"skipped session y: another session before it has the same session_id",
	)
}

func TestFlaskSessionUsers(t *testing.T) {
	const alias, shared = "dddddddd-4444-4444-8444-dddddddddddd", "eeeeeeee-5555-4555-8555-eeeeeeeeeeee"
	users := `{
		"` + bob + `": {"id": "` + alias + `"},
		"` + eve + `": {"id": "` + bob + `"},
		"x": {"id": "` + shared + `"},
		"y": {"id": "` + shared + `"}}`
	for user, want := range map[string]handstamp.ID{
		bob:       id(t, bob), // a key goes before a member id
		eve:       id(t, eve),
		alias:     id(t, bob),
		"x":       handstamp.IDOf("flask:x"),
		"unknown": handstamp.IDOf("flask:unknown"),
		key1:      id(t, key1),
		shared:    {},
	} {
		t.Run(user, func(t *testing.T) {
			sessions := fmt.Sprintf(`{"s": {"session_id": %q, "user_id": %q}}`, sid1, user)
			dir := folder(t, map[string]string{userFile: users, sessionFile: sessions})
			batch := flask(t, dir)
			if want.IsZero() {
				if len(batch.Sessions) != 0 {
					t.Errorf("%v was taken for one of two users", batch.Sessions[0].UserID)
				}
				last := batch.Notes[len(batch.Notes)-1]
				sameNotes(t, []importer.Note{last}, "skipped session s: user_id is the member id of more than one user")
				return
			}
			if len(batch.Sessions) != 1 || batch.Sessions[0].UserID != want {
				t.Fatalf("%v, want one of %v", batch.Sessions, want)
			}
			if user == alias {
				return // without the user file nobody knows
			}
			alone := flask(t, filepath.Join(dir, sessionFile))
			if diff := cmp.Diff(batch.Sessions, alone.Sessions); diff != "" {
				t.Errorf("the session file alone says otherwise:\n%s", diff)
			}
		})
	}
}
