package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

var fuzzNow = time.Date(2026, 11, 22, 2, 4, 11, 0, time.UTC)

func FuzzFlaskUsers(f *testing.F) {
	founding, err := os.ReadFile("../testdata/founding/users.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(founding), "", "[]", "{}", "\xef\xbb\xbf{}", `{"a": {}, "a": {"id": "b"}, "b": null}`,
		`{"a": {"email": 1, "first_name": [], "_password": "x", "created_at": "2017-10-16 04:23:04.5"}}`,
		`{"é": {"email": "\ud800\u0000"}}`, `{"a": {}}{`, "{\"\xe9\": 1}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseFlaskUsers(bytes.NewReader(data), fuzzNow)
		again, err2 := parseFlaskUsers(iotest.OneByteReader(bytes.NewReader(data)), fuzzNow)
		if !reflect.DeepEqual(got, again) { // quicker than cmp, which says more
			t.Errorf("read byte by byte it differs:\n%s", cmp.Diff(got, again, cmp.AllowUnexported(flaskUsers{})))
		}
		sameOutcome(t, data, err, err2)
		seen := make(map[handstamp.ID]bool)
		for _, user := range got.users {
			if user.ID.IsZero() || seen[user.ID] {
				t.Errorf("id %v is zero or there twice", user.ID)
			}
			seen[user.ID] = true
			if !utf8.ValidString(user.Email) || bytes.ContainsRune([]byte(user.Email), 0) {
				t.Errorf("no data base keeps %q", user.Email)
			}
			if n := len(user.PasswordHash); n != 0 && n != 64 {
				t.Errorf("password hash of %d bytes", n)
			}
		}
	})
}

func FuzzFlaskSessions(f *testing.F) {
	const sid = "7cb7a1f2-8c1f-4d1e-9d0a-4b7a3f0b5e11"
	for _, seed := range []string{
		"", "{}", `{"a": {"session_id": "` + sid + `", "user_id": "u"}, "b": {"session_id": "` + sid + `", "user_id": "u"}}`,
		`{"` + sid + `": {"session_id": "` + sid + `", "user_id": "alias", "created_at": "3017-10-16T04:23:04"}, "c": 1}`,
	} {
		f.Add([]byte(seed))
	}
	aliases := map[string]handstamp.ID{"alias": handstamp.IDOf("x"), "two": {}}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseFlaskSessions(bytes.NewReader(data), fuzzNow, aliases)
		again, err2 := parseFlaskSessions(iotest.OneByteReader(bytes.NewReader(data)), fuzzNow, aliases)
		if !reflect.DeepEqual(got, again) { // quicker than cmp, which says more
			t.Errorf("read byte by byte it differs:\n%s", cmp.Diff(got, again, cmp.AllowUnexported(flaskSessions{})))
		}
		sameOutcome(t, data, err, err2)
		hashes, ids := make(map[session.Hash]bool), make(map[handstamp.ID]bool)
		for _, r := range got.records {
			if hashes[r.Hash] || ids[r.ID] || r.ID.IsZero() || r.UserID.IsZero() {
				t.Errorf("%+v has an id that is zero, or what another one has", r)
			}
			hashes[r.Hash], ids[r.ID] = true, true
			if r.BeganAt.After(fuzzNow) || r.Revision != 1 {
				t.Errorf("%+v begins later than now, or not with revision 1", r)
			}
		}
		for id := range ids {
			if hashes[hashOf(id.String())] {
				t.Errorf("the id %v is a token", id)
			}
		}
		_, _ = parseFlaskFile(bytes.NewReader(data), fuzzNow)
	})
}

// sameOutcome checks err against the other error and against what encoding/json says of data.
func sameOutcome(t *testing.T, data []byte, err, err2 error) {
	t.Helper()
	if (err == nil) != (err2 == nil) || err != nil && !errors.Is(err, ErrFormat) {
		t.Errorf("%v, and byte by byte %v", err, err2)
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	var object map[string]json.RawMessage
	good := utf8.Valid(data) && json.Unmarshal(data, &object) == nil && object != nil
	if good != (err == nil) && len(data) < maxMember {
		t.Errorf("%v, but encoding/json takes it: %v", err, good)
	}
}

func TestSourceBounds(t *testing.T) {
	s := &source{r: iotest.DataErrReader(bytes.NewReader(make([]byte, 100))), limit: 100, max: 60}
	if _, err := io.ReadAll(s); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a file that grew: %v, want ErrTooLarge", err)
	}
	broken := errors.New("disk on fire")
	err := eachMember(io.MultiReader(bytes.NewReader([]byte(`{"a": {`)), iotest.ErrReader(broken)), func(string, json.RawMessage) error { return nil })
	if !errors.Is(err, broken) || errors.Is(err, ErrFormat) {
		t.Errorf("%v, want the reader's own error", err)
	}
}
