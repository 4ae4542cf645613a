package blackbox_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestCommandsBesideTheServer: what a command changes is so for the running server when the
// command has ended, not later and not after a restart.
func TestCommandsBesideTheServer(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprintf("running=%v", running), func(t *testing.T) {
			t.Parallel()
			s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_db_auth"})
			// Without a server the same commands work on the folder itself.
			command := func(stdin string, args ...string) string {
				if running {
					return mustRun(t, s.data, stdin, args...)
				}
				s.stop()
				defer s.start()
				return mustRun(t, s.data, stdin, args...)
			}
			walkCommands(t, s, command)
		})
	}
}

func walkCommands(t *testing.T, s *server, command func(stdin string, args ...string) string) {
	// Log in first, so that the server has every session of the walk in its memory.
	bobCookie := s.login(t, bob, bobPassword)
	s.expectBody(t, get(pathMe, bobCookie), 200, bodyBob)

	added := command("s3cret pw\n", "user", "add", "--email", "ann@x.y", "--first-name", "Ann",
		"--last-name", "Lee", "--role", "admin", "--password-stdin", "--json")
	checkMember(t, added, "email", "ann@x.y")
	if strings.Contains(added, "s3cret") {
		t.Errorf("the password is in the output: %s", added)
	}
	a := s.expect(t, loginForm("ann@x.y", "s3cret pw"), 200)
	checkMember(t, a.body, "first_name", "Ann")
	checkMember(t, a.body, "last_name", "Lee")
	first := cookieOf(t, a)
	second := s.login(t, "ann@x.y", "s3cret pw")
	s.expect(t, get(pathMe, first), 200)

	command("new pw\n", "user", "password", "ann@x.y", "--password-stdin")
	for _, cookie := range []string{first, second} {
		s.expectBody(t, get(pathMe, cookie), 403, bodyForbidden)
	}
	s.expectBody(t, loginForm("ann@x.y", "s3cret pw"), 401, bodyWrongPassword)
	third := s.login(t, "ann@x.y", "new pw")
	s.expect(t, get(pathMe, third), 200)

	command("", "user", "delete", "ann@x.y")
	s.expectBody(t, get(pathMe, third), 403, bodyForbidden)
	s.expectBody(t, loginForm("ann@x.y", "new pw"), 404, bodyNoUser)

	command("", "user", "delete", bob100ID) // by id as well
	s.expectBody(t, loginForm(bob100, bob100Password), 404, bodyNoUser)

	// Nobody else was touched.
	s.expectBody(t, get(pathMe, bobCookie), 200, bodyBob)
}

// checkMember checks that text is a JSON object with this member.
func checkMember(t *testing.T, text, name, want string) {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Errorf("no JSON object: %v\n%s", err, text)
		return
	}
	if got := object[name]; got != want {
		t.Errorf("%s is %v, want %q:\n%s", name, got, want, text)
	}
}

func TestUserListAndShow(t *testing.T) {
	t.Parallel()
	data := importedData(t)
	hash := regexp.MustCompile(`\$argon2|[0-9a-f]{64}`)
	for _, args := range [][]string{{"user", "list"}, {"user", "list", "--json"}} {
		out := mustRun(t, data, "", args...)
		if len(args) == 3 { // JSON may write the same text in more than one way
			v, err := parseJSON(out)
			if err != nil {
				t.Errorf("%v prints no JSON: %v\n%s", args, err, out)
			}
			out = fmt.Sprint(v)
		}
		for _, email := range []string{bobSession, bob, bob100, "zoé@exemple.fr"} {
			if !strings.Contains(out, email) {
				t.Errorf("%v does not name %s:\n%s", args, email, out)
			}
		}
		if hash.MatchString(out) {
			t.Errorf("%v prints a password's hash:\n%s", args, out)
		}
	}
	for _, who := range []string{bob, bobID} {
		out := mustRun(t, data, "", "user", "show", who)
		if !strings.Contains(out, bob) || !strings.Contains(out, bobID) || hash.MatchString(out) {
			t.Errorf("user show %s:\n%s", who, out)
		}
	}
}

// TestCommandErrors: 1 is for what could not be done, 2 for what cannot be meant.
func TestCommandErrors(t *testing.T) {
	t.Parallel()
	data := importedData(t)
	for _, row := range []struct {
		code  int
		stdin string
		args  string
	}{
		{1, "", "user show nobody@x.y"},
		{1, "", "user delete nobody@x.y"},
		{1, "pw\n", "user password nobody@x.y --password-stdin"},
		{1, "pw\n", "user add --email bob@hbtn.io --password-stdin"},
		{1, "", "import flask /nowhere/at/all"},
		{2, "", "nonsense"},
		{2, "", "user"},
		{2, "", "user nonsense"},
		{2, "", "user add --email"},
		{2, "", "user add --nonsense"},
		{2, "", "user show"},
		{2, "", "import"},
		{2, "", "import php x"},
		{2, "pw\n", "user add --password-stdin"},
		{2, "", "user add --email a@b.c --password pw"}, // a password is never an argument
		{2, "", "version nonsense"},
	} {
		r := runCommand(t, data, nil, row.stdin, strings.Fields(row.args)...)
		if r.code != row.code {
			t.Errorf("handstamp %s: exit status %d, want %d\n%s", row.args, r.code, row.code, r.stderr)
		}
		checkReadable(t, r)
	}
	if r := runCommand(t, data, nil, "\n", "user", "add", "--email", "e@x.y", "--password-stdin"); r.code == 0 {
		t.Error("a user with an empty password was added")
	}
	s := startServer(t, data, nil)
	s.expectBody(t, get(pathStats, ""), 200, "{\n  \"users\": 8\n}\n")
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	data := newFolder(t)
	if out := mustRun(t, data, "", "version"); strings.TrimSpace(out) == "" {
		t.Error("version prints nothing")
	}
	for _, command := range []string{
		"classic", "import flask", "user add", "user list", "user show", "user password",
		"user delete", "version",
	} {
		out := mustRun(t, data, "", append(strings.Fields(command), "--help")...)
		if !strings.Contains(strings.ToLower(out), "example") || !strings.Contains(out, "handstamp "+command) {
			t.Errorf("%s --help has no example:\n%s", command, out)
		}
	}
}
