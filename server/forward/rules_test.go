package forward_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/forward"
)

// passes says who may pass: a stranger, a user, an administrator.
func passes(t testing.TB, rules []string, a forward.Asked) string {
	t.Helper()
	parsed, err := forward.ParseRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	found := ""
	for name, who := range []handstamp.Identity{{}, {UserID: handstamp.NewID(), Role: "user"}, {UserID: handstamp.NewID(), Role: "admin"}} {
		judge, err := forward.New(forward.Config{Rules: parsed, Identify: func(*http.Request) (handstamp.Identity, error) {
			if who.IsZero() {
				return who, handstamp.ErrNoCredential
			}
			return who, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		switch status := judge.Decide(httptest.NewRequest("GET", "/", nil), a).Status; status {
		case 200:
			found += string("sua"[name])
		case 400:
			return "unreadable"
		case 401, 403:
		default:
			t.Errorf("%+v: status %d", a, status)
		}
	}
	return found
}

// Who passes, by what is asked for.
const (
	open    = "sua"
	inside  = "ua"
	onlyAda = "a"
	none    = ""
)

// TestRules: which rule a request falls under, by host and path.
func TestRules(t *testing.T) {
	for _, row := range []struct {
		rules     string // separated by ;
		url, want string
	}{
		{"", "https://a.test/", inside},
		{"a.test/* public", "https://a.test/", open},
		{"a.test/* public", "https://a.test/x/y?z", open},
		{"a.test/* public", "https://b.test/x", inside},
		{"a.test/* public", "https://xa.test/x", inside},
		{"a.test/* public", "https://a.test.x/x", inside},
		{"A.Test/* public", "https://a.tESt/x", open},
		{"a.test./* public", "https://a.test/x", open},
		{"a.test/* public", "https://a.test./x", open},
		{"a.test/* public", "https://a.test:8443/x", open},
		{"a.test:8443/* public", "https://a.test:8443/x", open},
		{"a.test:8443/* public", "https://a.test/x", inside},
		{"a.test:443/* public", "https://a.test/x", open},
		{"a.test:443/* public", "https://a.test:443/x", open},
		{"a.test:443/* public", "http://a.test/x", inside},
		{"a.test:80/* public", "http://a.test/x", open},
		{"[2001:db8::1]:81/* public", "http://[2001:db8::1]:81/x", open},
		{"[2001:db8::1]/* public", "http://[2001:db8::1]:81/x", open},
		{"*/* public", "https://whatever.test/x", open},

		{"a.test/ public", "https://a.test/x", open},
		{"a.test/{$} public", "https://a.test/", open},
		{"a.test/{$} public", "https://a.test/x", inside},
		{"a.test/x public", "https://a.test/x", open},
		{"a.test/x public", "https://a.test/x/", open},
		{"a.test/x public", "https://a.test/x/y", inside},
		{"a.test/x public", "https://a.test/xy", inside},
		{"a.test/x/ public", "https://a.test/x", open},
		{"a.test/x/ public", "https://a.test/x/y", open},
		{"a.test/x/ public", "https://a.test/xy", inside},
		{"a.test/x/* public", "https://a.test/x", open},
		{"a.test/x/* public", "https://a.test/x/", open},
		{"a.test/x/* public", "https://a.test/x/y/z", open},
		{"a.test/x* public", "https://a.test/xy", open},
		{"a.test/x* public", "https://a.test/x/y", open},
		{"a.test/Z%C3%BCrich public", "https://a.test/Z%C3%BCrich", open},
		{"a.test/%5Bx%5D public", "https://a.test/%5Bx%5D", open},
		{"a.test/x(1)! public", "https://a.test/x(1)!", open},

		// The first counts.
		{"a.test/x/y role=admin;a.test/x/* public", "https://a.test/x/y", onlyAda},
		{"a.test/x/y role=admin;a.test/x/* public", "https://a.test/x/z", open},
		{"*/x role=admin;a.test/* public", "https://a.test/x", onlyAda},
		{"*/x role=admin;a.test/* public", "https://b.test/x", onlyAda},
		{"*/x role=admin;a.test/* public", "https://b.test/y", inside},
		{"a.test:81/* role=admin;a.test/* public", "http://a.test:81/", onlyAda},
		{"a.test:81/* role=admin;a.test/* public", "http://a.test:82/", open},

		{"a.test/* signed-in", "https://a.test/", inside},
		{"a.test/* role=admin", "https://a.test/", onlyAda},
		{"a.test/* role=user,admin", "https://a.test/", inside},
		{"a.test/* role=user|admin", "https://a.test/", inside},
		{"a.test/* signed-in role=nobody", "https://a.test/", none},
		{"a.test/* fresh", "https://a.test/", none}, // nobody here has proved a password
		{"a.test/* role=admin fresh", "https://a.test/", none},
	} {
		u, err := url.Parse(row.url)
		if err != nil {
			t.Fatal(err)
		}
		var rules []string
		if row.rules != "" {
			rules = strings.Split(row.rules, ";")
		}
		a := forward.Asked{Method: "GET", Scheme: u.Scheme, Host: u.Host, URI: strings.TrimPrefix(row.url, u.Scheme+"://"+u.Host)}
		if got := passes(t, rules, a); got != row.want {
			t.Errorf("%s: %s may be had by %q, want %q", row.rules, row.url, got, row.want)
		}
	}
}

// TestLetterCase: a path that would be at another rule for a reader who takes no notice of letter case is never public, and
// has to satisfy both.
func TestLetterCase(t *testing.T) {
	rules := []string{"a.test/admin/* role=admin", "a.test/public/* public", "a.test/stra%C3%9Fe public"}
	for path, want := range map[string]string{
		"/public/x": open, "/public/X": open, "/Public/x": onlyAda, "/PUBLIC": onlyAda, "/Admin/x": onlyAda, "/ADMIN": onlyAda,
		"/adm%C4%B1n": onlyAda, "/ADM%C4%B0N": onlyAda, // the letters i of Turkish, one without and one with a dot
		"/publi%E1%B4%84": inside, // a small capital is another letter
		"/Other":          inside, "/aDMINISTER": inside,
		"/%C5%BFtra%C3%9Fe": onlyAda, // the long s
	} {
		a := forward.Asked{Method: "GET", Scheme: "https", Host: "a.test", URI: path}
		if got := passes(t, rules, a); got != want {
			t.Errorf("%s may be had by %q, want %q", path, got, want)
		}
	}
}

// TestSpellings: whoever spells a path in an unusual way has to satisfy every rule, and what is no path is refused.
func TestSpellings(t *testing.T) {
	rules := []string{"a.test/admin/* role=admin", "a.test/public/* public"}
	for _, path := range []string{
		"//public/x", "/public//x", "/public/", "/public/./x", "/public/../admin", "/public/x/..", "/./public/x",
		"/public/%2e%2e/admin", "/public/%2E%2E/admin", "/public/.%2e/admin", "/public%2fx", "/public%2F..%2Fadmin", "/public/..%2fadmin",
		`/public\x`, `/public/..\admin`, "/public/..%5cadmin", "/public/..%5Cadmin", "/public/..;/admin", "/public/;x", "/public;x/y", "/public/..%3b/admin", "/public/..%3B/x",
		"/public/%00", "/public/x%00", "/public/%0a", "/public/%0D%0A", "/public/%7F", "/public/x.", "/public/x%20", "/public/x%20/y", "/public/x./y",
		"/public/...", "/public/%3f", "/public/%3Fx", "/public/%23", "/public/x%23/../y", "/public/%252e%252e/admin", "/public/%252e", "/public/%25",
		"/public/%c0%ae%c0%ae/admin", "/public/%C0%AE", "/public/%E0%80%AE", "/public/%ff", "/public/%FF", "/public/%ED%A0%80",
		"/%70ublic/x", "/publi%63/x", "/public/%61", "/public/%c3%bc", "/public/\u00fc", "/public/%2A%7E",
		`/public/"x"`, "/public/<x>", "/public/{x}", "/public/x|y", "/public/[x]", "/public/^",
	} {
		want := onlyAda
		if path == "/public/" {
			want = open
		}
		a := forward.Asked{Method: "GET", Scheme: "https", Host: "a.test", URI: path}
		if got := passes(t, rules, a); got != want {
			t.Errorf("%s may be had by %q, want %q", path, got, want)
		}
		a.URI += "?x=/../public/"
		if got := passes(t, rules, a); got != want {
			t.Errorf("%s may be had by %q, want %q", a.URI, got, want)
		}
	}
	for _, path := range []string{
		"", "*", "public/x", "?", "http://a.test/public/x", "https:/public/x", "//", "/public/%", "/public/%2", "/public/%zz", "/public/%u002e",
		"/public/x#", "/public/#/../admin", "/public/x?y#z", "/public/x\x00", "/public/\x01", "/public/x y", "/public/x\t", "/public/\x7f", "/public/\r\n",
		"/public/\xff", "/public/\xc0\xae", "/public/x?\xff", "/public/x?y z", "/" + strings.Repeat("x", 8192),
	} {
		want := "unreadable"
		if path == "//" {
			want = onlyAda
		}
		a := forward.Asked{Method: "GET", Scheme: "https", Host: "a.test", URI: path}
		if got := passes(t, rules, a); got != want {
			t.Errorf("%q may be had by %q, want %q", path, got, want)
		}
	}
}

// TestParseRules: what is wrong is said, with the rule.
func TestParseRules(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "want a host and a path",
		"a.test/":                   "want a host and a path",
		"public":                    "want a host and a path",
		"a.test public":             "want a path",
		"/x public":                 "want a host",
		"https://a.test/ public":    "want a host",
		"*.test/ public":            "want a host",
		"*:81/ public":              "want a host",
		"a.test:/ public":           "want a host",
		"a.test.:/ public":          "want a host",
		"a.test:0/ public":          "want a host",
		"a.test:x/ public":          "want a host",
		"a_b@c/ public":             "want a host",
		"b\u00fccher.test/ public":  "want a host",
		"a..test/ public":           "want a host",
		"a.test/*/x public":         "a star stands at the end",
		"a.test/** public":          "a star stands at the end",
		"a.test/x/../y public":      "no reader",
		"a.test//x public":          "no reader",
		"a.test//* public":          "no reader",
		"a.test/x// public":         "no reader",
		"a.test/x. public":          "no reader",
		"a.test/x;y public":         "no reader",
		"a.test/x?y public":         "write /x%3Fy", // and that is none either, see below
		"a.test/%zz public":         "no reader",
		"a.test/%c3%bc public":      "write /%C3%BC",
		"a.test/\u00fc public":      "write /%C3%BC",
		"a.test/%61 public":         "write /a",
		"a.test/x open":             `"open": want public`,
		"a.test/x Public":           `"Public": want public`,
		"a.test/x public fresh":     "asks for nothing else",
		"a.test/x public signed-in": "asks for nothing else",
		"a.test/x fresh fresh":      "twice",
		"a.test/x role=a role=b":    "twice",
		"a.test/x role=":            "role's name",
		"a.test/x role=,":           "role's name",
		"a.test/x role=a,,b":        "role's name",
		"a.test/x role=a,a":         "role's name",
		"a.test/x roles=a":          "want public",
		"a.test/x role=a editor":    `"editor": want public`,
		"a.test/" + strings.Repeat("x", 2000) + " public": "too long",
	} {
		if strings.Contains(text, "?") {
			want = "no reader"
		}
		_, err := forward.ParseRules([]string{"good.test/* public", text})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "rule 2, ") {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
	many := make([]string, 1001)
	for i := range many {
		many[i] = "a.test/" + strconv.Itoa(i) + " public"
	}
	if _, err := forward.ParseRules(many); err == nil {
		t.Error("1001 rules are accepted")
	}
	if _, err := forward.ParseRules(many[1:]); err != nil {
		t.Error(err)
	}
}

// TestHiddenRules: one that could never count is an error.
func TestHiddenRules(t *testing.T) {
	for _, row := range []struct {
		first, second string
		hidden        bool
	}{
		{"*/* signed-in", "a.test/admin/* role=admin", true},
		{"*/ signed-in", "*/admin role=admin", true},
		{"a.test/* public", "a.test:81/x fresh", true},
		{"a.test/x public", "a.test/x/{$} fresh", true},
		{"a.test/x/* public", "a.test/x fresh", true},
		{"a.test/x/* public", "a.test/x/ fresh", true},
		{"a.test/x* public", "a.test/xy/* fresh", true},
		{"a.test/x* public", "a.test/x* fresh", true},
		{"A.test./x public", "a.test/x fresh", true},
		{"a.test/admin/* role=admin", "*/* signed-in", false},
		{"a.test/* public", "b.test/* fresh", false},
		{"a.test:81/* public", "a.test/* fresh", false},
		{"a.test/x public", "a.test/x/y fresh", false},
		{"a.test/x public", "a.test/x/* fresh", false},
		{"a.test/x/* public", "a.test/x* fresh", false},
		{"a.test/x/* public", "a.test/xy fresh", false},
		{"a.test/x public", "a.test/X fresh", false},
	} {
		_, err := forward.ParseRules([]string{row.first, row.second})
		if got := err != nil && strings.Contains(err.Error(), "never count"); got != row.hidden {
			t.Errorf("%s; %s: %v", row.first, row.second, err)
		}
	}
}

func TestOriginsAndRoles(t *testing.T) {
	rules, err := forward.ParseRules([]string{
		"b.test/x role=editor|admin", "b.test/* role=user", "A.test:8443/* public", "c.test:443/* public", "*/* role=admin",
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"https://a.test:8443", "https://b.test", "https://c.test"}, rules.Origins(public)); diff != "" {
		t.Error(diff)
	}
	plain := []string{
		"http://a.test:8443", "http://b.test", "http://c.test:443", "https://a.test:8443", "https://b.test", "https://c.test",
	}
	if diff := cmp.Diff(plain, rules.Origins(&url.URL{Scheme: "http", Host: "localhost"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"admin", "editor", "user"}, rules.Roles()); diff != "" {
		t.Error(diff)
	}
}

// TestPortThatNobodySays: many proxies tell the name of the host alone. So what is about one port may be about any.
func TestPortThatNobodySays(t *testing.T) {
	rules := []string{"app.example.com:8443/secret/* role=admin", "app.example.com/secret/* public", "app.example.com/* signed-in"}
	d := newDesk(t, rules)
	_, user := d.enter("user")
	_, admin := d.enter("admin")
	for _, row := range []struct {
		host, cookie string
		want         int
	}{
		{app, "", 401},
		{app, user, 403},
		{app, admin, 200},
		{app + ":8443", user, 403},
		{app + ":8443", admin, 200},
		{app + ":443", "", 200},
		{app + ":444", "", 200},
	} {
		if got := d.send(ask{method: "GET", host: row.host, scheme: "https", uri: "/secret/x", cookie: row.cookie}.nginx()).StatusCode; got != row.want {
			t.Errorf("%s, cookie %.8q: %d, want %d", row.host, row.cookie, got, row.want)
		}
	}
}
