package blackbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// bodyLimit is what a body may have on the API.
const bodyLimit = 64 << 10

// A route of the API, asked with a good session.
type route struct {
	method, path string
	ok           int    // the documented answer
	reads        string // what kind of body it reads: "", "json" or "form"
	ends         bool   // the request ends the session that it comes with
	open         bool   // ask without a session
}

func (r route) String() string { return r.method + " " + r.path }

var routes = []route{
	{method: "GET", path: pathStatus, ok: 200},
	{method: "GET", path: pathStats, ok: 200},
	{method: "GET", path: "/api/v1/unauthorized", ok: 401},
	{method: "GET", path: "/api/v1/forbidden", ok: 403},
	{method: "GET", path: pathUsers, ok: 200},
	{method: "POST", path: pathUsers, reads: "json"},
	{method: "GET", path: pathMe, ok: 200},
	{method: "GET", path: pathUsers + "/" + bobID, ok: 200},
	{method: "PUT", path: pathUsers + "/" + bobID, reads: "json"},
	{method: "DELETE", path: pathUsers + "/nobody", ok: 404},
	{method: "POST", path: pathLogin, reads: "form", open: true},
	{method: "POST", path: pathSession, reads: "form", open: true},
	{method: "DELETE", path: pathLogout, ok: 200, ends: true},
	{method: "DELETE", path: pathSession, ok: 200, ends: true},
	{method: "DELETE", path: pathSession, reads: "form", open: true},
	{method: "GET", path: "/api/v1/nope", ok: 404},
}

// A badInput is what is wrong with a request, and the documented answers to it.
type badInput struct {
	name string
	// bytes returns what goes over the wire.
	bytes     func(r request, reads, host string) string
	halfClose bool  // nothing follows what was sent
	json      []int // of a route that reads JSON
	form      []int // of a route that reads a form; 401 is its answer too when it is a logout
	// any is the answer of every route, whatever it reads. When it is not set, a route that
	// reads no body gives its usual answer or refuses the body.
	any int
}

var badInputs = []badInput{
	{
		name: "truncated body", halfClose: true, json: []int{400}, form: []int{400},
		bytes: func(r request, reads, host string) string {
			return r.head(host) + "Content-Length: 1000\r\n\r\n" + goodBody(reads)
		},
	}, {
		name: "truncated chunked body", halfClose: true, json: []int{400}, form: []int{400},
		bytes: func(r request, reads, host string) string {
			return r.head(host) + "Transfer-Encoding: chunked\r\n\r\n1000\r\n" + goodBody(reads)
		},
	}, {
		name: "malformed chunk", json: []int{400}, form: []int{400},
		bytes: func(r request, reads, host string) string {
			return r.head(host) + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + goodBody(reads)
		},
	}, {
		name: "oversized body", json: []int{413}, form: []int{413},
		bytes: func(r request, reads, host string) string {
			return string(r.withBody(padded(reads, bodyLimit+1)).bytes(host))
		},
	}, {
		name: "oversized chunked body", json: []int{413}, form: []int{413},
		bytes: func(r request, reads, host string) string {
			return r.head(host) + "Transfer-Encoding: chunked\r\n\r\n" +
				chunked(padded(reads, bodyLimit+1))
		},
	}, {
		name: "oversized header", any: 431,
		bytes: func(r request, _, host string) string {
			return string(r.withHeader("X-Long", strings.Repeat("x", 24<<10)).bytes(host))
		},
	}, {
		name: "5000 cookies", any: 431,
		bytes: func(r request, _, host string) string {
			return string(r.withHeader("Cookie", manyCookies(5000)).bytes(host))
		},
	}, {
		name: "NUL in a header", any: 400,
		bytes: func(r request, _, host string) string {
			return string(r.withHeader("X-Nul", "a\x00b").bytes(host))
		},
	}, {
		name: "NUL in the path", any: 400,
		bytes: func(r request, _, host string) string {
			r.path += "\x00"
			return string(r.bytes(host))
		},
	}, {
		name: "body is not UTF-8", json: []int{400}, form: []int{404},
		bytes: bodies("{\"email\":\"\xff@x.y\",\"password\":\"p\",\"first_name\":\"\xff\"}",
			"email=\xff%ff&password=\xff"),
	}, {
		name: "members of a wrong type", json: []int{400}, form: []int{400},
		bytes: bodies(`{"email":["x"],"password":{"p":1},"first_name":5,"last_name":true}`,
			"email[]=x&password[]=y"),
	}, {
		name: "JSON nested deep", json: []int{400}, form: []int{400},
		bytes: bodies(nestedJSON(`{"a":`, "1", `}`), nestedJSON("[", "", "]")),
	}, {
		name: "NUL in the body", json: []int{400}, form: []int{404},
		bytes: bodies("{\"email\":\"a\x00b\",\"password\":\"p\"}", "email=a\x00b%00&password=\x00"),
	}, {
		name: "the other kind of body", json: []int{400}, form: []int{400},
		bytes: bodies("email=bob@hbtn.io&password=x", `{"email":"bob@hbtn.io","password":"x"}`),
	},
}

// TestBadInput gives every route every kind of bad input. The answer is a documented one, the
// server is never at a loss, and it still serves afterwards.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	cookie := s.login(t, bobSession, bobSessionPassword)
	for _, where := range routes {
		for _, input := range badInputs {
			t.Run(where.String()+"/"+where.reads+"/"+input.name, func(t *testing.T) {
				mine := cookie
				switch {
				case where.open:
					mine = ""
				case where.ends:
					mine = s.login(t, bobSession, bobSessionPassword)
				}
				input.check(t, s, where, mine)
				s.expectBody(t, get(pathStatus, ""), 200, bodyOK)
			})
		}
	}
	// Refused is refused: nobody was added, and nobody changed.
	s.expectBody(t, get(pathStats, cookie), 200, "{\n  \"users\": 8\n}\n")
	s.expectBody(t, get(pathUsers+"/"+bobID, cookie), 200, bodyBob)
}

func (input badInput) check(t *testing.T, s *server, where route, cookie string) {
	r := withCookie(request{method: where.method, path: where.path}, cookie)
	switch where.reads {
	case "form":
		r = r.withHeader("Content-Type", formType)
	default:
		r = r.withHeader("Content-Type", "application/json")
	}
	raw := input.bytes(r, where.reads, s.addr)
	a, err := exchange(s.addr, where.method, []byte(raw), input.halfClose)
	if err != nil {
		t.Fatal(err)
	}
	want := input.want(where)
	if !slices.Contains(want, a.status) {
		t.Errorf("status %d, want %d; answer: %v", a.status, want, a)
	}
	// What is refused before any handler sees it is refused in net/http's own words.
	if a.status >= 400 && input.any == 0 {
		checkError(t, a)
	}
}

// want returns the answers that are right.
func (input badInput) want(where route) []int {
	switch {
	case input.any != 0:
		return []int{input.any}
	case where.reads == "json":
		return input.json
	case where.reads == "form" && where.method == "DELETE":
		return append([]int{401}, input.form...)
	case where.reads == "form":
		return input.form
	default:
		return []int{where.ok, 400, 413}
	}
}

// checkError checks that an answer is {"error": "…"} and nothing else.
func checkError(t *testing.T, a answer) {
	t.Helper()
	object, _ := checkClassic(t, a.body).(map[string]any)
	if message, _ := object["error"].(string); message == "" || len(object) != 1 {
		t.Errorf("the body of %d does not say what is wrong: %s", a.status, a.body)
	}
}

// goodBody is a body that there would be nothing to say against.
func goodBody(reads string) string {
	if reads == "form" {
		return "email=bobsession@hbtn.io&password=fake pwd"
	}
	return `{"email":"truncated@x.y","password":"p","first_name":"T"}`
}

// padded is a good body of n bytes.
func padded(reads string, n int) string {
	body := goodBody(reads)
	if reads == "form" {
		return body + "&x=" + strings.Repeat("x", n-len(body)-len("&x="))
	}
	return body + strings.Repeat(" ", n-len(body))
}

// chunked cuts a body into chunks of 4 KiB.
func chunked(body string) string {
	var b strings.Builder
	for chunk := range slices.Chunk([]byte(body), 4<<10) {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	return b.String() + "0\r\n\r\n"
}

// manyCookies returns n cookies without a session among them.
func manyCookies(n int) string {
	return strings.TrimSuffix(strings.Repeat("a=1; ", n), "; ")
}

// nestedJSON nests one level deeper than ten thousand, which fits in a body.
func nestedJSON(left, middle, right string) string {
	const levels = 10_001
	return strings.Repeat(left, levels) + middle + strings.Repeat(right, levels)
}

// bodies sends one body to routes that read forms and another to all others.
func bodies(other, form string) func(r request, reads, host string) string {
	return func(r request, reads, host string) string {
		if reads == "form" {
			return string(r.withBody(form).bytes(host))
		}
		return string(r.withBody(other).bytes(host))
	}
}
