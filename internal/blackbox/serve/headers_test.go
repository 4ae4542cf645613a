package serve_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The policies of answers that a browser might take for a page: nothing, and for pages what is ours.
const (
	noPolicy   = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'"
)

// compareHeaders checks what stands on every answer, whatever it is. The [contract] calls it.
func compareHeaders(path string, got *http.Response, isHTTPS bool) error {
	want := map[string][]string{
		"Cache-Control":                {"no-store"},
		"Vary":                         {"Cookie, Authorization"},
		"Content-Security-Policy":      {noPolicy},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"Permissions-Policy":           {"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Referrer-Policy":              {"no-referrer"},
	}
	switch {
	case isPage(got):
		want["Content-Security-Policy"] = []string{pagePolicy}
		want["Vary"] = append(want["Vary"], "Accept-Language")
		want["Referrer-Policy"] = []string{"same-origin"} // else browsers hide where a form comes from
	case strings.HasPrefix(path, "/assets/") && got.StatusCode == 200 && got.Request.Method != http.MethodOptions:
		want["Cache-Control"] = []string{"public, max-age=31536000, immutable"}
		want["Vary"] = nil
	case path == verifyPath: // which no browser sees
		return compareVerify(got)
	case path == keysPath && (got.StatusCode == 200 || got.StatusCode == 304):
		want["Cache-Control"] = []string{"public, max-age=300, stale-while-revalidate=60, stale-if-error=3600"}
		want["Access-Control-Allow-Origin"] = []string{"*"} // all of it is public
	case path == "/metrics" && got.StatusCode == 200:
		delete(want, "Vary") // which says by what the format was chosen
	}
	if isHTTPS {
		want["Strict-Transport-Security"] = []string{"max-age=63072000"}
	}
	for name, values := range want {
		if all := got.Header.Values(name); !slices.Equal(all, values) {
			return fmt.Errorf("%s: %q, want %q", name, all, values)
		}
	}
	for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
		if got.Header.Get(name) != "" && want[name] == nil {
			return fmt.Errorf("%s: %s", name, got.Header.Get(name))
		}
	}
	needs := map[int]string{303: "Location", 401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
	if name := needs[got.StatusCode]; name != "" && got.Header.Get(name) == "" {
		return fmt.Errorf("no %s", name)
	}
	if got.StatusCode >= 400 && got.Request.Method != http.MethodHead && !isProblem(got) && !isPage(got) {
		return fmt.Errorf("an error of type %q", got.Header.Get("Content-Type"))
	}
	return compareCookies(got, isHTTPS)
}

// languageCookie is the one cookie that is no secret: whoever plants it changes in which language
// somebody reads.
const languageCookie = "language"

// compareCookies checks the cookies of an answer, and that a browser that is told to forget its session
// forgets the rest, too.
func compareCookies(got *http.Response, isHTTPS bool) error {
	forgets := false
	for _, cookie := range got.Cookies() {
		isStrict := cookie.SameSite == http.SameSiteLaxMode || cookie.SameSite == http.SameSiteStrictMode
		if !cookie.HttpOnly || !isStrict || cookie.Domain != "" || cookie.Secure != isHTTPS {
			return fmt.Errorf("cookie %s", cookie)
		}
		name, isHostOnly := strings.CutPrefix(cookie.Name, "__Host-")
		switch name {
		case languageCookie:
			if isHostOnly || !strings.HasSuffix(cookie.Path, "/") {
				return fmt.Errorf("cookie %s", cookie)
			}
		case "session", "visitor", "device":
			if cookie.Path != "/" || isHostOnly != isHTTPS {
				return fmt.Errorf("cookie %s", cookie.Name)
			}
		default:
			return fmt.Errorf("nobody knows of a cookie %s", cookie.Name)
		}
		forgets = forgets || name == "session" && cookie.MaxAge < 0
	}
	if clears := got.Header.Get("Clear-Site-Data"); forgets != (clears == `"cache", "storage"`) || !forgets && clears != "" {
		return fmt.Errorf("Clear-Site-Data: %s, and the session is forgotten: %v", clears, forgets)
	}
	return nil
}

// A provocation is a way to ask for trouble, and the answer that it gets on every path and for every
// method.
type provocation struct {
	status  int
	code    string
	query   string
	body    string
	headers []string
	only    func(o operation) bool // nil for all
}

var provocations = map[string]provocation{
	"no credential": {status: 401, code: "unauthorized", only: func(o operation) bool { return !o.isPublic() && !o.isOptional() }},
	"an ended session": {status: 401, code: "credential_refused", headers: []string{"Cookie", "session=x"}, only: func(o operation) bool {
		return !o.isPublic() && !o.isForServices()
	}},
	"two Authorization headers": {status: 400, code: "ambiguous_credentials", headers: []string{"Authorization", "Basic eDp5", "Authorization", "+Basic eDp6"}},
	"another host":              {status: 421, code: "unknown_host", headers: []string{"Host", "evil.example"}},
	"a long URL":                {status: 414, code: "uri_too_long", query: "?x=" + strings.Repeat("x", 8<<10)},
	"many headers":              {status: 431, code: "header_too_large", headers: manyHeaders()},
	"many cookies":              {status: 431, code: "cookies_too_large", headers: []string{"Cookie", manyCookies}},
	"many cookies of a person":  {status: 431, code: "cookies_too_large", headers: []string{"Cookie", manyCookies, "Accept", "text/html"}},
	"a large body": {status: 413, code: "request_too_large", body: `"` + strings.Repeat("x", 64<<10) + `"`, only: func(o operation) bool {
		return !o.isOperations() && !o.isForServices() // who read no body, or of those who may send a larger one
	}},
	"another site": {status: 403, code: "cross_site", headers: []string{"Sec-Fetch-Site", "cross-site"}, only: func(o operation) bool {
		return o.method != "GET"
	}},
}

var manyCookies = strings.Repeat("a=b; ", 60) + "a=b"

func manyHeaders() (all []string) {
	for range 101 {
		all = append(all, "X-Many", "+x")
	}
	return all
}

// TestHeaders provokes every kind of answer on every path, by every method. That the headers are what
// they must be, the contract has an eye on, here and in all other tests.
func TestHeaders(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		met := make(map[int]int)
		for _, o := range operations(t) {
			path := o.at("me", "00000000-0000-4000-8000-000000000000")
			for what, p := range provocations {
				if p.only != nil && !p.only(o) || p.status == 421 && o.isOperations() {
					continue
				}
				for _, slash := range []string{"", "/"} {
					got := tg.stranger().do(o.method, path+slash+p.query, p.body, p.headers...)
					isPage := o.isPage() && strings.HasPrefix(got.header.Get("Content-Type"), "text/html")
					if got.status != p.status || got.code() != p.code && !isPage {
						t.Errorf("%s%s with %s: %d %.200s, want %d %s", o, slash, what, got.status, got.body, p.status, p.code)
					}
					met[got.status]++
				}
			}
			for _, method := range []string{o.method, "HEAD", "OPTIONS", "PATCH", "TRACE"} {
				if root.session() == "" {
					root = tg.signIn(tg.admin)
				}
				got := root.do(method, path, o.exampleBody())
				met[got.status]++
				if want := map[string]int{"OPTIONS": 204, "PATCH": 405, "TRACE": 405}[method]; want != 0 && got.status != want && !o.isOperations() {
					t.Errorf("%s %s: %d, want %d", method, path, got.status, want)
				}
			}
		}
		root.want(404, "GET", "/nope", "")
		tg.stranger().want(401, "GET", "/nope", "")
		root.want(404, "GET", "/nope", "", "Accept", "text/html")
		if got := tg.stranger().do("GET", "/nope", "", "Accept", "text/html"); !got.isLogin(tg) {
			t.Errorf("%d %s", got.status, got.body)
		}
		for _, status := range []int{200, 204, 400, 401, 403, 404, 405, 409, 413, 414, 421, 431} {
			if met[status] == 0 {
				t.Errorf("no answer was %d: %v", status, slices.Sorted(maps.Keys(met)))
			}
		}
	})
}

// TestHeadersWithTLS are those, and cookies that are sent over TLS only.
func TestHeadersWithTLS(t *testing.T) {
	onEachTarget(t, options{publicURL: "https://id.example.com"}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		root.want(200, "GET", api+"/users/me", "")
		root.want(421, "GET", api+"/users/me", "", "Host", "localhost")
		root.want(200, "GET", "/healthz", "", "Host", "10.0.0.1")
		root.want(200, "POST", api+"/auth_session/renew", "", "Origin", "https://id.example.com")
		root.want(403, "POST", api+"/auth_session/renew", "", "Origin", "https://evil.example.com")
		root.want(200, "DELETE", api+"/auth_session", "")
		tg.stranger().want(401, "GET", api+"/users/me", "", "Cookie", "session="+root.session())
	})
}

// TestTooManyAttempts: whoever guesses has to wait, whatever the door.
func TestTooManyAttempts(t *testing.T) {
	onEachTarget(t, options{burst: 1}, func(t *testing.T, tg *target) {
		guess := person{email: tg.admin.email, password: newPassword()}
		tg.stranger().want(401, "POST", api+"/auth_session/login", guess.json())
		for _, o := range operations(t) {
			var got answer
			switch {
			case o.isForServices(): // of which no secret can be guessed
				continue
			case strings.HasPrefix(o.OperationID, "signIn"):
				got = tg.stranger().do(o.method, o.path, guess.json())
			case !o.isPublic():
				got = tg.withBasic(guess).do(o.method, o.at("me", "me"), o.exampleBody())
			default:
				continue
			}
			if got.status != 429 || got.code() != "too_many_attempts" {
				t.Errorf("%s: %d %s", o, got.status, got.body)
			}
		}
		login := tg.browser().Open("/login").Form("/login").Set("email", guess.email, "password", tg.admin.password)
		if got := login.Submit(); got.Status != 429 || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s", got)
		}
	})
}

// TestBrokenStore: a server that cannot know says so, and takes nobody's session away.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	tg := startHandlerOnSQLite(t, options{})
	root := tg.signIn(tg.admin)
	tg.breakIt()
	for _, o := range operations(t) {
		if o.isForServices() || o.isPublic() && !strings.HasPrefix(o.OperationID, "signIn") {
			continue
		}
		c := tg.stranger()
		c.cookies["session"] = "which-nobody-has-seen"
		body := o.exampleBody()
		got := c.do(o.method, o.at("me", "me"), body)
		if got.status != 503 || got.code() != "unavailable" || len(c.cookies) != 1 {
			t.Errorf("%s: %d %s, cookies %v", o, got.status, got.body, c.cookies)
		}
		if got := root.copied().do(o.method, o.at("me", "me"), body); got.status == 401 {
			t.Errorf("%s with a session that is remembered: %d %s", o, got.status, got.body)
		}
	}
	visitor := tg.stranger()
	token := visitor.formToken() // of the login, which needs no store for somebody without a cookie
	for _, p := range pageRoutes {
		switch p.path {
		case "/{$}", "/assets/{file}", "/register", "/reset/{secret}":
			continue // which need no store, or not for a secret that cannot be one
		}
		c := tg.stranger()
		c.cookies = map[string]string{"session": "which-nobody-has-seen", "visitor": visitor.cookies["visitor"]}
		var got answer
		if path := p.at(tg.admin.id, tg.admin.id, strings.Repeat("x", 65)); p.method == "GET" {
			got = c.do("GET", path, "", "Accept", "text/html")
		} else {
			got = c.post(path, withToken(p.fields, token))
		}
		if got.status != 503 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") || c.cookies["session"] == "" {
			t.Errorf("%s: %d %s %.300s, cookies %v", p, got.status, got.header.Get("Location"), got.body, c.cookies)
		}
	}
	root.want(503, "GET", "/readyz", "")
	root.want(200, "GET", "/healthz", "")
}
