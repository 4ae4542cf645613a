package blackbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// surrogateError is the founding answer to a password that is no text.
func surrogateError(surrogate string, position int) string {
	return fmt.Sprintf("Can't create User: 'utf-8' codec can't encode character '\\%s' "+
		"in position %d: surrogates not allowed", surrogate, position)
}

func TestUserBodies(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), nil)
	users := 8
	for _, row := range []struct {
		name, body string
		want       string // the error, or "" for 201
	}{
		{"email number", `{"email":5,"password":"p"}`, "Wrong format"},
		{"email false", `{"email":false,"password":"p"}`, "Wrong format"},
		{"email array", `{"email":[],"password":"p"}`, "Wrong format"},
		{"email object", `{"email":{},"password":"p"}`, "Wrong format"},
		{"password number", `{"email":"a@t.y","password":5}`, "Wrong format"},
		{"password true", `{"email":"a@t.y","password":true}`, "Wrong format"},
		{"password array", `{"email":"a@t.y","password":["p"]}`, "Wrong format"},
		{"password null", `{"email":"a@t.y","password":null}`, "password missing"},
		{"first name number", `{"email":"a@t.y","password":"p","first_name":1}`, "Wrong format"},
		{"last name object", `{"email":"a@t.y","password":"p","last_name":{}}`, "Wrong format"},
		{"unknown members of any type", `{"email":"any@t.y","password":"p","x":[1],"role":{}}`, ""},

		{"email in capitals is another member", `{"EMAIL":"a@t.y","password":"p"}`, "email missing"},
		{"password likewise", `{"email":"a@t.y","Password":"p"}`, "password missing"},
		{
			"email taken", `{"email":"bob@hbtn.io","password":"p"}`,
			"Can't create User: email already in use",
		},

		{"nothing after it", `{"email":"a@t.y","password":"p"}x`, "Wrong format"},
		{"not twice", `{"email":"a@t.y","password":"p"}{}`, "Wrong format"},
		{"NaN", `{"email":"a@t.y","password":"p","x":NaN}`, "Wrong format"},
		{"raw newline in text", "{\"email\":\"a@t.y\",\"password\":\"p\nq\"}", "Wrong format"},
		{"raw NUL in text", "{\"email\":\"a@t.y\",\"password\":\"p\x00q\"}", "Wrong format"},
		{"NUL between", "{\"email\":\"a@t.y\",\x00\"password\":\"p\"}", "Wrong format"},
		{"not UTF-8 in the email", "{\"email\":\"\xff@t.y\",\"password\":\"p\"}", "Wrong format"},
		{"not UTF-8 in the password", "{\"email\":\"a@t.y\",\"password\":\"\xc3\"}", "Wrong format"},
		{"not UTF-8 in what nobody reads", "{\"email\":\"a@t.y\",\"password\":\"p\",\"x\":\"\xff\"}", "Wrong format"},
		{"not UTF-8 in a key", "{\"email\":\"a@t.y\",\"password\":\"p\",\"\xff\":1}", "Wrong format"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "Wrong format"},
		{"byte order mark", "\xef\xbb\xbf{\"email\":\"bom@t.y\",\"password\":\"p\"}", ""},

		{"deep object", nestedJSON(`{"a":`, "1", `}`), "Wrong format"},
		{"deep array", nestedJSON("[", "", "]"), "Wrong format"},
		{
			"deep member", `{"email":"a@t.y","password":"p","x":` + nestedJSON("[", "", "]") + `}`,
			"Wrong format",
		},

		{"lone surrogate", `{"email":"a@t.y","password":"\ud800"}`, surrogateError("ud800", 0)},
		{"lone low surrogate", `{"email":"a@t.y","password":"ab\uDFFF"}`, surrogateError("udfff", 2)},
		{
			"positions count characters", `{"email":"a@t.y","password":"é😀\ud83dx"}`,
			surrogateError("ud83d", 2),
		},
		{"every kind of character", `{"email":"chars@t.y","password":"p",` +
			`"first_name":"\u007f\u0001\b\f\n\r\t\"\\\/<>&'\u2028\ufffd\ud83d\ude00é"}`, ""},
		{"a pair is none", `{"email":"pair@t.y","password":"\ud83d\ude00"}`, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := withJSON("POST", pathUsers, "", row.body)
			if row.want != "" {
				s.expectBody(t, r, 400, errorBody(row.want))
				return
			}
			checkClassic(t, s.expect(t, r, 201).body)
			users++
		})
	}
	s.expectBody(t, get(pathStats, ""), 200, fmt.Sprintf("{\n  \"users\": %d\n}\n", users))
}

// TestUserBodiesWithoutDocumentedAnswer holds what the reference says nothing about: any answer
// will do that is a success or a 400, and lets the list of users still be read.
func TestUserBodiesWithoutDocumentedAnswer(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), nil)
	for _, body := range []string{
		`{"email":"\u0000","password":"p"}`,
		`{"email":"nul@t.y","password":"p\u0000q"}`,
		`{"email":"nul2@t.y","password":"p","first_name":"\u0000"}`,
		`{"email":"\ud800@t.y","password":"p"}`,
		`{"email":"name@t.y","password":"p","first_name":"\udc00"}`,
		`{"email":null,"password":"p"}`,
		`{"email":" ","password":"p"}`,
		`{"email":"` + strings.Repeat("e", 30_000) + `","password":"p"}`,
		`{"email":"long@t.y","password":"` + strings.Repeat("p", 60_000) + `"}`,
	} {
		a := s.do(t, withJSON("POST", pathUsers, "", body))
		if a.status != 201 && a.status != 400 {
			t.Errorf("%.60s: %v", body, a)
		}
		checkClassic(t, a.body)
		checkClassic(t, s.expect(t, get(pathUsers, ""), 200).body)
	}
}

func TestDuplicateMembers(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	cookie := s.login(t, bob, bobPassword)

	a := s.expect(t, withJSON("POST", pathUsers, cookie,
		`{"email":"first@t.y","email":"last@t.y","EMAIL":"capital@t.y",`+
			`"password":"first","password":"last","Password":"capital"}`), 201)
	if !strings.Contains(a.body, `"last@t.y"`) {
		t.Errorf("the last email does not win:\n%s", a.body)
	}
	s.expectBody(t, loginForm("last@t.y", "first"), 401, bodyWrongPassword)
	s.expectBody(t, loginForm("last@t.y", "last"), 200, a.body)

	a = s.expect(t, withJSON("PUT", pathUsers+"/"+bob100ID, cookie,
		`{"first_name":"first","first_name":"last","First_Name":"capital","last_name":"x","last_name":null}`), 200)
	if !strings.Contains(a.body, `"first_name": "last"`) || !strings.Contains(a.body, `"last_name": "Dylan"`) {
		t.Errorf("the last members do not win:\n%s", a.body)
	}
	// A wrong type that a later one of the same name replaces is none.
	s.expect(t, withJSON("PUT", pathUsers+"/"+bob100ID, cookie, `{"first_name":5,"first_name":"ok"}`), 200)
	s.expectBody(t, withJSON("PUT", pathUsers+"/"+bob100ID, cookie, `{"first_name":"ok","first_name":5}`),
		400, errorBody("Wrong format"))
}

func TestForms(t *testing.T) {
	t.Parallel()
	sample := sampleUser(t)
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	const email, password = "email=bobsession@hbtn.io", "&password=fake pwd"
	for _, row := range []struct {
		name, form string
		status     int
		body       string
	}{
		{"first email wins", email + "&email=bob@hbtn.io" + password, 200, sample},
		{"not the second", "email=nobody@x.y&" + email + password, 404, bodyNoUser},
		{"first password wins", email + password + "&password=x", 200, sample},
		{"not the second password", email + "&password=x" + password, 401, bodyWrongPassword},
		{"an empty first one wins too", "email=&" + email + password, 400, bodyEmailMissing},
		{"email that is not UTF-8", "email=%ff" + password, 404, bodyNoUser},
		{"password that is not UTF-8", email + "&password=fake+pwd%ff", 401, bodyWrongPassword},
		{"NUL ends no email", email + "%00" + password, 404, bodyNoUser},
		{"NUL ends no password", email + password + "%00", 401, bodyWrongPassword},
		{"names in capitals are others", "EMAIL=bobsession@hbtn.io" + password, 400, bodyEmailMissing},
	} {
		t.Run(row.name, func(t *testing.T) {
			s.expectBody(t, form(pathLogin, row.form), row.status, row.body)
		})
	}

	// How many fields are too many is the server's own business.
	s.expect(t, form(pathLogin, strings.Repeat("a&", 30_000)), 400)

	// The query string is no part of the form, not even half of it.
	query := form(pathLogin, "password=fake pwd")
	query.path += "?" + url.Values{"email": {bobSession}}.Encode()
	s.expectBody(t, query, 400, bodyEmailMissing)
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	sample := sampleUser(t)
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	part := func(name, value string) string {
		return "--XX\r\nContent-Disposition: form-data; name=" + name + "\r\n\r\n" + value + "\r\n"
	}
	const end = "--XX--\r\n"
	email, password := part(`"email"`, bobSession), part(`"password"`, bobSessionPassword)
	for _, row := range []struct {
		name, contentType, form string
		status                  int
		body                    string
	}{
		{"good", "; boundary=XX", email + password + end, 200, sample},
		{
			"first wins", "; boundary=XX",
			email + part(`"email"`, bob) + password + part(`"password"`, "x") + end, 200, sample,
		},
		{
			"a file is no field", "; boundary=XX",
			part(`"email"; filename="e"`, bobSession) + password + end, 400, bodyEmailMissing,
		},
		{"no boundary", "", email + password + end, 400, bodyEmailMissing},
		{"another boundary", "; boundary=YY", email + password + end, 400, ""},
		{"no end", "; boundary=XX", email + password[:len(password)-20], 400, ""},
		{
			"too long", "; boundary=XX",
			email + password + part(`"x"`, strings.Repeat("x", bodyLimit)) + end, 413, "",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := request{method: "POST", path: pathLogin}.withBody(row.form).
				withHeader("Content-Type", "multipart/form-data"+row.contentType)
			a := s.expect(t, r, row.status)
			if row.body != "" && a.body != row.body {
				t.Errorf("body %q, want %q", a.body, row.body)
			}
			checkClassic(t, a.body)
		})
	}
}

// TestLimits checks both sides of each limit: what is allowed must work.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	cookie := cookieOf(t, s.expect(t, form(pathLogin, padded("form", bodyLimit)), 200))
	s.expect(t, form(pathLogin, padded("form", bodyLimit+1)), 413)
	s.expect(t, withJSON("POST", pathUsers, cookie, padded("json", bodyLimit+1)), 413)
	s.expect(t, withJSON("POST", pathUsers, cookie, padded("json", bodyLimit)), 201)

	const headerLimit = 16 << 10
	for size, status := range map[int]int{headerLimit - 512: 200, headerLimit + 512: 431} {
		r := get(pathMe, cookie)
		used := len(r.withHeader("X-Long", "").bytes(s.addr))
		s.expect(t, r.withHeader("X-Long", strings.Repeat("x", size-used)), status)
	}
	// As many cookies as fit hide none, wherever the session stands among them.
	many := manyCookies(2500)
	s.expect(t, get(pathMe, many+"; "+cookie), 200)
	s.expect(t, get(pathMe, cookie+"; "+many), 200)
}
