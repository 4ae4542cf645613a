package serve_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOperationsListener: where those who run the server have a listener of their own, an administrator
// is one only there, and operations are nowhere else.
func TestOperationsListener(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "memory", options{opsListen: true, registration: true})
	inside := *tg
	inside.base = "http://" + tg.binary.await(regexp.MustCompile(`operations on (\S+)`))

	root := tg.signIn(tg.admin)
	rootInside := &client{target: &inside, cookies: root.cookies}
	me := object("email", "user@example.com", "password", newPassword())
	user := decode[userView](t, tg.stranger().want(201, "POST", api+"/users", me))
	n := 0
	for _, o := range operations(t) {
		path := o.at(user.ID, user.ID)
		switch {
		case o.isOperations():
			tg.stranger().want(401, "GET", o.path, "")
			root.want(404, "GET", o.path, "")
			inside.stranger().want(200, "GET", o.path, "")
		case o.isForAdmins() && (o.method == "GET" || o.object() == "user"):
			root.want(403, o.method, path, "")
			if got := rootInside.do(o.method, path, ""); got.status != 200 && got.status != 201 {
				t.Errorf("%s: %d %s", o, got.status, got.body)
			}
		case o.object() == "user" && o.method != "DELETE":
			root.want(404, o.method, path, o.exampleBody())
			rootInside.want(200, o.method, path, o.exampleBody())
		case o.takesUser():
			root.want(404, o.method, path+"?user="+user.ID, "")
		default:
			continue
		}
		n++
	}
	if n < 10 {
		t.Errorf("only %d operations", n)
	}
	for _, p := range pageRoutes {
		if p.access != admins {
			continue
		}
		path := p.at(user.ID, user.ID, "")
		if p.method == "GET" {
			root.want(403, "GET", path, "", "Accept", "text/html")
			rootInside.want(p.status, "GET", path, "", "Accept", "text/html")
			continue
		}
		if got := root.post(path, withToken(p.fields, root.formToken())); got.status != 403 {
			t.Errorf("%s: %d %s", p, got.status, got.body)
		}
	}
	if got := root.want(200, "GET", "/account", ""); strings.Contains(got.body, "/admin") {
		t.Errorf("a page leads to those of administrators, who are none here: %s", got.body)
	}
	root.want(404, "DELETE", api+"/users/"+user.ID, "")
	root.want(403, "POST", api+"/users", object("email", "eve@example.com", "password", newPassword(), "role", "admin"))
	root.want(200, "GET", api+"/users/me", "")
	tg.stranger().want(404, "GET", "/nope", "", "Authorization", basic(tg.admin.email, tg.admin.password))
	if got := rootInside.want(200, "GET", api+"/users", ""); !slices.Contains(idsOf(t, got), user.ID) {
		t.Errorf("%s", got.body)
	}
	rootInside.want(200, "DELETE", api+"/users/"+user.ID, "")
}

func idsOf(t testing.TB, got answer) (ids []string) {
	for _, u := range decode[struct{ Users []userView }](t, got).Users {
		ids = append(ids, u.ID)
	}
	return ids
}
