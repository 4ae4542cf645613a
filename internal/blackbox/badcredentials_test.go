package blackbox_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// basic returns the Authorization value of a user.
func basic(email, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(email+":"+password))
}

// checkWho checks that /users/me is refused, or, where may is set, answered as the user with
// that id. A request that names two people must never be taken for the second of them.
func checkWho(t *testing.T, s *server, r request, may string) {
	t.Helper()
	a := s.do(t, r)
	switch {
	case a.status == 400, a.status == 401, a.status == 403:
	case a.status == 200 && may != "" && strings.Contains(a.body, `"`+may+`"`):
	default:
		t.Errorf("%v: want 400, 401, 403 or the user %q; answer: %v", r, may, a)
	}
}

// TestDuplicateAuthorization sends two Authorization lines: only the first may count, if any.
func TestDuplicateAuthorization(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "basic_auth"})
	good, other := basic(bob, bobPassword), basic(bob100, bob100Password)
	for _, row := range []struct{ first, second, may string }{
		{good, good, bobID},
		{good, other, bobID},
		{other, good, bob100ID},
		{good, "garbage", bobID},
		{good, "", bobID},
		{"garbage", good, ""},
		{"Basic", good, ""},
		{basic(bob, "wrong"), good, ""},
		{"Bearer x", good, ""},
		// An empty line counts as absent, so that the second would be the only one.
		{"", good, bobID},
	} {
		r := get(pathMe, "").withHeader("Authorization", row.first).
			withHeader("Authorization", row.second)
		checkWho(t, s, r, row.may)
		// Letter case makes no other header of it.
		r = get(pathMe, "").withHeader("authorization", row.first).
			withHeader("AUTHORIZATION", row.second)
		checkWho(t, s, r, row.may)
	}
	s.expectBody(t, get(pathStatus, ""), 200, bodyOK)
}

// TestDuplicateCookies sends two Cookie lines, and two cookies of one name.
func TestDuplicateCookies(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	good, other := s.login(t, bob, bobPassword), s.login(t, bob100, bob100Password)
	for _, row := range []struct{ first, second, may string }{
		{good, good, bobID},
		{good, other, bobID},
		{other, good, bob100ID},
		{good, "_my_session_id=zz", bobID},
		{"_my_session_id=zz", good, ""},
		{cookieOfNobody, good, ""},
		{"other=1", good, bobID}, // one session in all
	} {
		checkWho(t, s, get(pathMe, row.first).withHeader("Cookie", row.second), row.may)
		checkWho(t, s, get(pathMe, row.first+"; "+row.second), row.may)
	}
	// Logging out with two ends the first at most.
	s.do(t, del(pathLogout, other).withHeader("Cookie", good))
	s.expect(t, get(pathMe, good), 200)
}

// TestBadBasic holds Basic values that no parser may trip over. None of them is a user.
func TestBadBasic(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "basic_auth"})
	good := base64.StdEncoding.EncodeToString([]byte(bob + ":" + bobPassword))
	for _, value := range []string{
		"Basic " + base64.StdEncoding.EncodeToString([]byte(bob+":"+bobPassword+"\x00")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(bob+"\x00:"+bobPassword)),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(bob+":"+bobPassword+"\n")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("\xff\xfe:\xff")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(":")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", 9_000))),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(bob+":"+strings.Repeat("p", 9_000))),
		strings.TrimRight(basic(bob100, bob100Password), "="), // padding is required
		"Basic " + good + "====",
		"Basic " + good + "," + good,
		"Basic " + good[:8] + " " + good[8:],
		"Basic " + good + " x",
		"Basic  " + good, // base64 has no blanks
		"Basic " + good + "\x7f",
		"Basic \xff\xfe",
		"Basic " + strings.Repeat("=", 100),
		"Basic", "Basic ", "basic " + good, "BASIC " + good, "Basic:" + good, "Basic\t" + good,
		", Basic " + good,
	} {
		a := s.do(t, get(pathMe, "").withHeader("Authorization", value))
		// A header value with control bytes is no HTTP; net/http says so.
		if a.status == 400 && strings.ContainsRune(value, 0x7f) {
			continue
		}
		if a.status != 403 || a.body != bodyForbidden {
			t.Errorf("Authorization %.80q: %v", value, a)
		}
	}
	s.expectBody(t, get(pathMe, "").withHeader("Authorization", "Basic "+good), 200, bodyBob)
}

// TestBadCookies holds cookie headers that no parser may trip over. None of them is a session.
func TestBadCookies(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	cookie := s.login(t, bob, bobPassword)
	name, value, _ := strings.Cut(cookie, "=")
	for _, header := range []string{
		name, name + "=", "=" + value, value, ";;;", "; " + name, "=", "=;=",
		name + "=" + value + "x", name + "=" + value[1:], name + "=" + strings.ToUpper(value),
		name + "=" + strings.ReplaceAll(value, "-", ""), name + "={" + value + "}",
		name + "=urn:uuid:" + value, name + "=%" + value,
		name + "=\"" + value, name + "=" + value + "\"", name + "==" + value,
		strings.ToUpper(name) + "=" + value, "__Host-" + name + "=" + value,
		name + "\xe2\x80\x80=" + value, "\xe2\x80\x80" + name + "=" + value,
		name + "=" + value + "\xff", name + "=\xff", name + "=" + strings.Repeat("a", 10_000),
	} {
		a := s.do(t, get(pathMe, header))
		if a.status != 401 && a.status != 403 {
			t.Errorf("Cookie %.80q: %v", header, a)
		}
	}
	s.expectBody(t, get(pathMe, cookie), 200, bodyBob)
}
