package blackbox_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Files of a founding server.
const (
	userFile    = ".db_User.json"
	sessionFile = ".db_UserSession.json"
)

// A flaskSession is an entry of the session file.
type flaskSession struct {
	ID        string `json:"id"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
	UserID    string `json:"user_id"`
	SessionID string `json:"session_id"` // what the cookie holds
}

// Cookie values in the session file that flaskSessions makes.
const (
	liveSID   = "0d6f6e0b-6c1c-4b8e-9f57-3a7a2f1f0001" // of bobsession, begun just now
	olderSID  = "0d6f6e0b-6c1c-4b8e-9f57-3a7a2f1f0002" // of bob, begun an hour ago
	orphanSID = "0d6f6e0b-6c1c-4b8e-9f57-3a7a2f1f0003" // of a user who is not there
)

// flaskSessions returns a session file with three sessions.
func flaskSessions(t *testing.T) string {
	t.Helper()
	now := time.Now().UTC()
	sessions := map[string]flaskSession{}
	for i, s := range []struct {
		user, sid string
		age       time.Duration
	}{
		{bobSessionID, liveSID, 0},
		{bobID, olderSID, time.Hour},
		{"99999999-9999-4999-8999-999999999999", orphanSID, 0},
	} {
		id := fmt.Sprintf("7a000000-0000-4000-8000-00000000000%d", i)
		at := now.Add(-s.age).Format("2006-01-02T15:04:05")
		sessions[id] = flaskSession{id, at, at, s.user, s.sid}
	}
	text, err := json.Marshal(sessions)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// cookieFor returns the cookie of a session of the file.
func cookieFor(sid string) string { return "_my_session_id=" + sid }

func TestImportSessions(t *testing.T) {
	t.Parallel()
	from := flaskFolder(t, map[string]string{
		userFile: foundingFile(t, "users.json"), sessionFile: flaskSessions(t),
	})
	data := newFolder(t)
	r := importFlask(t, data, from)
	if r.Users.Taken != 8 || r.Users.Present != 0 {
		t.Errorf("users: %+v, want 8 taken", r.Users)
	}
	if r.Sessions.Taken != 2 || r.Sessions.Present != 0 || r.Sessions.Skipped != 1 || len(r.Notes) == 0 {
		t.Errorf("sessions: %+v with notes %q, want 2 taken and 1 skipped, and why", r.Sessions, r.Notes)
	}

	again := importFlask(t, data, from)
	if again.Users.Taken != 0 || again.Users.Present != 8 ||
		again.Sessions.Taken != 0 || again.Sessions.Present != 2 || again.Sessions.Skipped != 1 {
		t.Errorf("the second import: %+v, want nothing taken", again)
	}

	// A duration that both are younger than, or none, lets both live; a minute lets one. That
	// comes last, because what is over may be cleared away.
	for _, row := range []struct {
		duration string
		older    int
	}{{"", 200}, {"0", 200}, {"7200", 200}, {"60", 403}} {
		s := startServer(t, data, settings{"AUTH_TYPE": "session_db_auth", "SESSION_DURATION": row.duration})
		s.expectBody(t, get(pathMe, cookieFor(liveSID)), 200, sampleUser(t))
		s.expect(t, get(pathMe, cookieFor(olderSID)), row.older)
		s.expectBody(t, get(pathMe, cookieFor(orphanSID)), 403, bodyForbidden)
		s.expectBody(t, get(pathMe, cookieFor("7a000000-0000-4000-8000-000000000000")), 403, bodyForbidden)
		s.stop()
	}

	// An imported session ends like any other.
	s := startServer(t, data, settings{"AUTH_TYPE": "session_db_auth"})
	s.expectBody(t, get(pathStats, cookieFor(liveSID)), 200, "{\n  \"users\": 8\n}\n")
	s.expectBody(t, del(pathLogout, cookieFor(liveSID)), 200, bodyEmpty)
	s.expectBody(t, get(pathMe, cookieFor(liveSID)), 403, bodyForbidden)
	s.restart()
	s.expectBody(t, get(pathMe, cookieFor(liveSID)), 403, bodyForbidden)
}

// TestImportPasswords: an imported password is taken once as it is, and kept better from then
// on. Importing again must not bring the old form back.
func TestImportPasswords(t *testing.T) {
	t.Parallel()
	from := flaskFolder(t, map[string]string{userFile: foundingFile(t, "users.json")})
	data := newFolder(t)
	importFlask(t, data, filepath.Join(from, userFile)) // one file instead of the folder
	s := startServer(t, data, settings{"AUTH_TYPE": "session_auth"})
	s.expectBody(t, loginForm(bobSession, bobSessionPassword+" "), 401, bodyWrongPassword)
	s.login(t, bobSession, bobSessionPassword)
	s.login(t, bobSession, bobSessionPassword)
	s.stop()
	if r := importFlask(t, data, from); r.Users.Taken != 0 || r.Users.Present != 8 {
		t.Errorf("the second import: %+v, want 8 present", r.Users)
	}
	s.start()
	s.login(t, bobSession, bobSessionPassword)
	s.expectBody(t, loginForm(bobSession, "fake"), 401, bodyWrongPassword)

	// The hash itself opens nothing.
	s.expectBody(t, loginForm(bob, "a5c904771b8617de27d3511d1f538094e26c120da663363b3f760f7b894f9d69"),
		401, bodyWrongPassword)
	s.login(t, bob, bobPassword)

	// A password that was changed here stays changed.
	s.stop()
	mustRun(t, data, "mine now\n", "user", "password", bob, "--password-stdin")
	importFlask(t, data, from)
	s.start()
	s.login(t, bob, "mine now")
	s.expectBody(t, loginForm(bob, bobPassword), 401, bodyWrongPassword)
}

func TestImportBesideTheServer(t *testing.T) {
	t.Parallel()
	s := startServer(t, newFolder(t), settings{"AUTH_TYPE": "session_db_auth"})
	s.expectBody(t, loginForm(bobSession, bobSessionPassword), 404, bodyNoUser)
	s.expectBody(t, get(pathMe, cookieFor(liveSID)), 403, bodyForbidden)
	r := importFlask(t, s.data, flaskFolder(t, map[string]string{
		userFile: foundingFile(t, "users.json"), sessionFile: flaskSessions(t),
	}))
	if r.Users.Taken != 8 || r.Sessions.Taken != 2 {
		t.Errorf("%+v, want 8 users and 2 sessions taken", r)
	}
	s.expectBody(t, loginForm(bobSession, bobSessionPassword), 200, sampleUser(t))
	s.expectBody(t, get(pathMe, cookieFor(liveSID)), 200, sampleUser(t))
}

// TestImportAgainBringsNothingBack: whoever imports in a start script must not open again, at each
// start, what was ended since.
func TestImportAgainBringsNothingBack(t *testing.T) {
	t.Parallel()
	from := flaskFolder(t, map[string]string{
		userFile: foundingFile(t, "users.json"), sessionFile: flaskSessions(t),
	})
	s := startServer(t, newFolder(t), settings{"AUTH_TYPE": "session_db_auth"})
	importFlask(t, s.data, from)
	s.expectBody(t, del(pathLogout, cookieFor(liveSID)), 200, bodyEmpty)
	mustRun(t, s.data, "not the thief's\n", "user", "password", bob, "--password-stdin") // ends olderSID
	mustRun(t, s.data, "", "user", "delete", "pad@hbtn.io")
	s.expectBody(t, get(pathMe, cookieFor(olderSID)), 403, bodyForbidden)

	if r := importFlask(t, s.data, from); r.Users.Taken != 0 || r.Sessions.Taken != 0 {
		t.Errorf("the second import: %+v, want nothing taken", r)
	}
	for _, sid := range []string{liveSID, olderSID} {
		s.expectBody(t, get(pathMe, cookieFor(sid)), 403, bodyForbidden)
	}
	s.expectBody(t, loginForm("pad@hbtn.io", " pad "), 404, bodyNoUser)
}

// TestImportNothingByHalves: founding servers leave files behind that they were writing. What
// cannot be read whole is not read at all, and the message says which file it was.
func TestImportNothingByHalves(t *testing.T) {
	t.Parallel()
	users := foundingFile(t, "users.json")
	sessions := flaskSessions(t)
	for name, files := range map[string]map[string]string{
		"users cut off":            {userFile: users[:len(users)/2]},
		"users cut off at the end": {userFile: users[:len(users)-1]},
		"users written over":       {userFile: users + `"last_name": null}}`},
		"users empty":              {userFile: ""},
		"users a list":             {userFile: "[]"},
		"users not UTF-8":          {userFile: strings.Replace(users, "Dylan", "D\xffylan", 1)},
		"sessions cut off":         {userFile: users, sessionFile: sessions[:len(sessions)/2]},
		"sessions written over":    {userFile: users, sessionFile: sessions + "}}"},
		"no file at all":           {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, data := flaskFolder(t, files), newFolder(t)
			r := runCommand(t, data, nil, "", "import", "flask", from, "--json")
			if r.code != 1 {
				t.Errorf("exit status %d, want 1\nstdout: %s", r.code, r.stdout)
			}
			bad := userFile
			if strings.HasPrefix(name, "sessions") {
				bad = sessionFile
			}
			if !strings.Contains(r.stderr, bad) {
				t.Errorf("the message does not name %s:\n%s", bad, r.stderr)
			}
			checkReadable(t, r)
			s := startServer(t, data, nil)
			s.expectBody(t, get(pathStats, ""), 200, "{\n  \"users\": 0\n}\n")
		})
	}
}

// TestImportOddUsers: what founding servers wrote without a fault of their own has to come over.
func TestImportOddUsers(t *testing.T) {
	t.Parallel()
	const at = `"created_at": "2020-01-01T00:00:00", "updated_at": "2020-01-01 00:00:00"`
	user := func(id, rest string) string { return `"` + id + `": {"id": "` + id + `", ` + at + rest + `}` }
	data := newFolder(t)
	r := importFlask(t, data, flaskFolder(t, map[string]string{userFile: "{\n" + strings.Join([]string{
		user("a0000000-0000-4000-8000-000000000001", `, "email": null, "_password": null`),
		user("a0000000-0000-4000-8000-000000000002", `, "email": 5, "first_name": [1], "extra": {"a": 1}`),
		user("a0000000-0000-4000-8000-000000000003", `, "email": "é@x.y", "first_name": "É"`),
		user("a0000000-0000-4000-8000-000000000004", `, "email": "same@x.y", "_password": null`),
		user("a0000000-0000-4000-8000-000000000005", `, "email": "same@x.y", "_password": null`),
		`"a0000000-0000-4000-8000-000000000006": ["no", "user"]`,
	}, ",\n") + "\n}"}))
	if r.Users.Taken != 5 || r.Users.Skipped != 1 || len(r.Notes) == 0 {
		t.Errorf("%+v, want 5 users taken, 1 skipped, and notes about what is odd", r)
	}
	s := startServer(t, data, nil)
	a := s.expect(t, get(pathUsers, ""), 200)
	checkList(t, a.body, 5)
	if !strings.Contains(a.body, `"\u00e9@x.y"`) {
		t.Errorf("é@x.y is not in the list:\n%s", a.body)
	}
}
