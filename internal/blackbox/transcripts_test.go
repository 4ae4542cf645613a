package blackbox_test

import (
	"regexp"
	"strings"
	"testing"
)

// Bodies of the founding transcripts.
const (
	bodyOK           = "{\n  \"status\": \"OK\"\n}\n"
	bodyUnauthorized = "{\n  \"error\": \"Unauthorized\"\n}\n"
	bodyForbidden    = "{\n  \"error\": \"Forbidden\"\n}\n"
	bodyNotFound     = "{\n  \"error\": \"Not found\"\n}\n"
	bodyEmpty        = "{}\n"

	bodyEmailMissing    = "{\n  \"error\": \"email missing\"\n}\n"
	bodyPasswordMissing = "{\n  \"error\": \"password missing\"\n}\n"
	bodyNoUser          = "{\n  \"error\": \"no user found for this email\"\n}\n"
	bodyWrongPassword   = "{\n  \"error\": \"wrong password\"\n}\n"

	// bodyBob is the user of the transcripts' Basic header.
	bodyBob = "{\n  \"created_at\": \"2017-09-25 01:55:17\", \n" +
		"  \"email\": \"bob@hbtn.io\", \n" +
		"  \"first_name\": null, \n" +
		"  \"id\": \"9375973a-68c7-46aa-b135-29f79e837495\", \n" +
		"  \"last_name\": null, \n" +
		"  \"updated_at\": \"2017-09-25 01:55:17\"\n}\n"
)

// cookieOfNobody is well-formed and known to no server.
const cookieOfNobody = "_my_session_id=5535d4d7-3d77-4d06-8281-495dc3acfe76"

// sampleUser returns the body of the transcripts' sample user and checks that it is what they
// show: a file that an editor has tidied up would let a tidy server pass.
func sampleUser(t testing.TB) string {
	t.Helper()
	body := foundingFile(t, "user-sample.json")
	if len(body) != 210 {
		t.Fatalf("user-sample.json has %d bytes, want 210", len(body))
	}
	return body
}

func TestTranscriptBasic(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "basic_auth"})
	s.expectBody(t, get(pathStatus, ""), 200, bodyOK)
	s.expectBody(t, get(pathUsers, ""), 401, bodyUnauthorized)
	s.expectBody(t, get(pathMe, "").withHeader("Authorization", bobBasic), 200, bodyBob)
	a := s.expect(t, get(pathUsers, "").withHeader("Authorization", bobBasic), 200)
	checkList(t, a.body, 8)
	for _, user := range []string{sampleUser(t), bodyBob} {
		if !strings.Contains(a.body, strings.TrimSuffix(nested(user), "\n")) {
			t.Errorf("the list does not hold, nested as it should be,\n%s\nin\n%s", user, a.body)
		}
	}
}

// TestTranscriptListOfOne shows the list of one user to the last byte, as the documents do.
func TestTranscriptListOfOne(t *testing.T) {
	t.Parallel()
	data := newFolder(t)
	importFlask(t, data, flaskFolder(t, map[string]string{".db_User.json": `{"` + bobID + `": ` +
		`{"id": "` + bobID + `", "created_at": "2017-09-25T01:55:17", ` +
		`"updated_at": "2017-09-25T01:55:17", "email": "bob@hbtn.io", "_password": ` +
		`"a5c904771b8617de27d3511d1f538094e26c120da663363b3f760f7b894f9d69", ` +
		`"first_name": null, "last_name": null}}`}))
	s := startServer(t, data, settings{"AUTH_TYPE": "basic_auth"})
	s.expectBody(t, get(pathUsers, "").withHeader("Authorization", bobBasic), 200,
		"[\n"+nested(bodyBob)+"]\n")
}

// nested returns a body as it stands in a list: two blanks further in.
func nested(body string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "\n", "\n  ") + "\n"
}

// checkList checks that body is a list of n users in classic format.
func checkList(t *testing.T, body string, n int) {
	t.Helper()
	if list, _ := checkClassic(t, body).([]any); len(list) != n {
		t.Errorf("a list of %d, want %d:\n%s", len(list), n, body)
	}
}

func TestTranscriptSession(t *testing.T) {
	t.Parallel()
	sample := sampleUser(t)
	s := startServer(t, importedData(t), settings{
		"AUTH_TYPE": "session_auth", "SESSION_NAME": "_my_session_id",
	})
	s.expectBody(t, get(pathStatus, ""), 200, bodyOK)
	s.expectBody(t, get(pathStatus+"/", ""), 200, bodyOK)
	s.expectBody(t, get(pathUsers, ""), 401, bodyUnauthorized)
	s.expectBody(t, get(pathUsers, "").withHeader("Authorization", "Test"), 403, bodyForbidden)
	s.expectBody(t, get(pathMe, "").withHeader("Authorization", bobBasic), 403, bodyForbidden)
	s.expectBody(t, get(pathMe, cookieOfNobody), 403, bodyForbidden)
	s.expectBody(t, get(pathLogin, ""), 405, page405)

	for _, row := range []struct {
		form   string
		status int
		body   string
	}{
		{"", 400, bodyEmailMissing},
		{"email=guillaume@hbtn.io", 400, bodyPasswordMissing},
		{"email=guillaume@hbtn.io&password=test", 404, bodyNoUser},
		{"email=bobsession@hbtn.io&password=test", 401, bodyWrongPassword},
	} {
		s.expectBody(t, form(pathLogin, row.form), row.status, row.body)
	}

	a := s.expectBody(t, form(pathLogin, "email=bobsession@hbtn.io&password=fake pwd"), 200, sample)
	checkLoginHeaders(t, a)
	cookie := cookieOf(t, a)

	s.expectBody(t, get(pathMe, cookie), 200, sample)
	s.expectBody(t, get(pathLogout, cookie), 405, page405)
	s.expectBody(t, del(pathLogout, cookie), 200, bodyEmpty)
	s.expectBody(t, get(pathMe, cookie), 403, bodyForbidden)
}

// checkLoginHeaders checks the headers that the transcript of a login shows.
func checkLoginHeaders(t *testing.T, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Length":              "210",
		"Content-Type":                "application/json",
		"Access-Control-Allow-Origin": "*",
	} {
		if got := strings.Join(a.header.Values(name), ", "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	line := regexp.MustCompile(`^_my_session_id=` + formUUID4 + `; Path=/$`)
	if got := a.header.Values("Set-Cookie"); len(got) != 1 || !line.MatchString(got[0]) {
		t.Errorf("Set-Cookie: %q, want one line like _my_session_id=<uuid4>; Path=/", got)
	}
}

// TestTranscriptAliases drives the routes of the second founding document.
func TestTranscriptAliases(t *testing.T) {
	t.Parallel()
	sample := sampleUser(t)
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	login := form(pathSession, "email=bobsession@hbtn.io&password=fake pwd")

	cookie := cookieOf(t, s.expectBody(t, login, 200, sample))
	s.expectBody(t, get(pathMe, cookie), 200, sample)
	s.expectBody(t, del(pathSession, cookie), 200, bodyEmpty)
	s.expectBody(t, get(pathMe, cookie), 403, bodyForbidden)

	// Email and password instead of a cookie end every session of the user, and of no other.
	mine := []string{cookieOf(t, s.expect(t, login, 200)), cookieOf(t, s.expect(t, login, 200))}
	others := s.login(t, bob, bobPassword)
	wrong := login.withBody("email=bobsession@hbtn.io&password=test")
	wrong.method = "DELETE"
	if a := s.do(t, wrong); a.status < 400 || a.status > 499 {
		t.Errorf("logout with a wrong password: %v", a)
	}
	s.expectBody(t, get(pathMe, mine[0]), 200, sample)
	right := login
	right.method = "DELETE"
	s.expectBody(t, right, 200, bodyEmpty)
	for _, cookie := range mine {
		s.expectBody(t, get(pathMe, cookie), 403, bodyForbidden)
	}
	s.expectBody(t, get(pathMe, others), 200, bodyBob)
}

// TestTranscriptExpiry runs the transcripts of the two scheme that limit a session's life. They
// wait for a minute; here a session of that length has to be good at once, and a shorter one
// has to be over when its own time is.
func TestTranscriptExpiry(t *testing.T) {
	t.Parallel()
	sample := sampleUser(t)
	for _, scheme := range []string{"session_exp_auth", "session_db_auth"} {
		survives := scheme == "session_db_auth"
		t.Run(scheme+"/60", func(t *testing.T) {
			t.Parallel()
			s := startServer(t, importedData(t),
				settings{"AUTH_TYPE": scheme, "SESSION_DURATION": "60"})
			cookie := s.login(t, bobSession, bobSessionPassword)
			s.expectBody(t, get(pathMe, cookie), 200, sample)
			s.restart()
			if survives {
				s.expectBody(t, get(pathMe, cookie), 200, sample)
			} else {
				s.expectBody(t, get(pathMe, cookie), 403, bodyForbidden)
			}
		})
		t.Run(scheme+"/2", func(t *testing.T) {
			if testing.Short() {
				t.Skip("waits for a session to expire")
			}
			t.Parallel()
			s := startServer(t, importedData(t),
				settings{"AUTH_TYPE": scheme, "SESSION_DURATION": "2"})
			cookie := s.login(t, bobSession, bobSessionPassword)
			s.expectBody(t, get(pathMe, cookie), 200, sample)
			if survives {
				s.restart()
			}
			awaitStep(3)
			s.expectBody(t, get(pathMe, cookie), 403, bodyForbidden)
		})
	}
}
