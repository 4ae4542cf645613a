package badday_test

import (
	"maps"
	"net/url"
	"regexp"
	"strings"
)

// formToken is what shows that a form is one of ours: it stands in pages, and nowhere else.
const formToken = "the token of a form"

var asForm = [2]string{"Content-Type", "application/x-www-form-urlencoded"}

// A tab is what a browser knows: cookies, and what its forms are known by.
type tab struct{ cookies, token string }

var tokenField = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// open opens a page that has a form, with cookies, and looks for secrets in it.
func (w *walk) open(path, cookies string, but ...string) *tab {
	w.t.Helper()
	a := w.send(call{path: path, cookie: cookies}, 200)
	found := tokenField.FindStringSubmatch(a.body)
	if found == nil {
		w.t.Fatalf("%s has no form: %.500s", path, a.body)
	}
	w.canaries.add(formToken, found[1])
	w.canaries.check(w.t, "the page at "+path, []byte(a.body), append(but, formToken)...)
	if visitor := a.cookie("visitor"); visitor != "" {
		cookies = visitor
	}
	return &tab{cookies, found[1]}
}

// form sends a form, takes the cookie that it may get for that, and looks for secrets in the page that is the
// answer.
func (w *walk) form(from *tab, path string, fields url.Values, but []string, statuses ...int) answer {
	w.t.Helper()
	sent := url.Values{"form_token": {from.token}}
	maps.Copy(sent, fields)
	a := w.sendBut(call{method: "POST", path: path, cookie: from.cookies, body: sent.Encode(), header: asForm}, but, statuses...)
	w.canaries.check(w.t, "the answer to the form for "+path, []byte(a.body), append(but, formToken)...)
	if session := a.cookie("session"); session != "" && strings.HasPrefix(from.cookies, "session=") {
		from.cookies = session
	}
	return a
}

// enter signs in with a page, and returns a tab with the account.
func (w *walk) enter(p person) *tab {
	w.t.Helper()
	a := w.form(w.open("/login", ""), "/login", url.Values{"email": {p.email}, "password": {p.password}}, nil, 303)
	return w.open("/account", a.cookie("session"))
}

// pages does in a browser what has to do with passwords and links, and gets it wrong.
func (w *walk) pages(admin person) {
	wrong := w.canaries.plant("a wrong password for a page")
	flo := person{email: "flo@example.com", password: w.canaries.plant("a password for a page")}
	out := w.open("/login", "")
	w.form(out, "/login", url.Values{"email": {admin.email}, "password": {wrong}}, nil, 401)
	// What stands in the wrong field comes back in that one, and to nobody else.
	w.form(out, "/login", url.Values{"email": {wrong}, "password": {wrong}}, []string{"a wrong password for a page"}, 401)
	w.form(out, "/login", url.Values{"mail": {admin.email}, "passwort": {wrong}}, nil)
	w.form(&tab{out.cookies, "x"}, "/login", url.Values{"email": {admin.email}, "password": {wrong}}, nil, 403)
	w.sendBut(call{path: "/login?" + url.Values{"email": {flo.email}, "password": {wrong}}.Encode()}, []string{"a wrong password for a page"}, 200)
	w.send(call{method: "POST", path: "/login", cookie: out.cookies, body: "password=" + url.QueryEscape(wrong)}, 403)

	w.form(out, "/register", url.Values{"email": {"nobody"}, "password": {flo.password}}, nil, 400)
	w.form(out, "/register", url.Values{"email": {admin.email}, "password": {flo.password}}, nil, 409)
	w.form(out, "/register", url.Values{"email": {flo.email}, "password": {flo.password}}, nil, 303)
	own := w.enter(flo)
	next := w.canaries.plant("a next password for a page")
	w.form(own, "/account/password", url.Values{"old_password": {wrong}, "new_password": {next}}, nil, 403)
	w.form(own, "/account/password", url.Values{"old_password": {flo.password}, "new_password": {strings.Repeat(next, 200)}}, nil, 400)
	w.form(own, "/account/email", url.Values{"old_password": {flo.password}, "email": {"nobody"}}, nil, 400)
	w.form(own, "/account/profile", url.Values{"first_name": {strings.Repeat("x", 300)}, "proof": {flo.password}, "password": {wrong}}, nil, 400)
	w.form(own, "/account/password", url.Values{"old_password": {flo.password}, "new_password": {next}}, nil, 303)
	flo.password = next
	w.form(w.enter(flo), "/account/delete", url.Values{"proof": {wrong}}, nil, 303)

	root := w.enter(admin)
	w.form(root, "/admin/users/new", url.Values{"email": {"gil@example.com"}, "role": {"emperor"}, "proof": {wrong}}, nil, 400)
	made := w.form(root, "/admin/users/new", url.Values{"email": {"gil@example.com"}, "role": {"user"}, "password": {wrong}}, nil, 303)
	page, _, _ := strings.Cut(made.header.Get("Location"), "?")
	_, secret, _ := strings.Cut(w.form(root, page+"/reset-link", nil, nil, 200).body, "/reset/")
	secret, _, _ = strings.Cut(secret, `"`)
	w.canaries.add("a reset secret", secret)
	w.canaries.add("a mistyped reset secret", secret[:len(secret)-1])
	link := "/reset/" + secret
	for _, path := range []string{
		link[:len(link)-1], link + ".", "/RESET/" + secret, "/reset//" + secret, "/reset%2F" + secret, "/re%73et/" + secret, "/x/reset/" + secret,
		"/reset?" + secret, link + "/more",
	} {
		w.sendBut(call{path: path, header: [2]string{"Accept", "text/html"}}, []string{"a reset secret", "a mistyped reset secret"})
	}
	opened := w.open(link, "", "a reset secret", "a mistyped reset secret")
	ofLink := []string{"a reset secret", "a mistyped reset secret"} // which is the page's own address
	w.form(opened, link, url.Values{"new_password": {"short"}}, ofLink, 400)
	gil := person{email: "gil@example.com", password: w.canaries.plant("a password by a link")}
	w.form(opened, link, url.Values{"new_password": {gil.password}}, nil, 303)
	w.form(opened, link, url.Values{"new_password": {gil.password}}, ofLink, 404)
	w.form(w.enter(gil), "/logout", nil, nil, 303)

	for _, path := range []string{"/admin", "/admin/users", page, "/admin/sessions", "/admin/audit", "/account", "/logout"} {
		w.open(path, root.cookies)
	}
	w.form(root, "/logout", nil, nil, 303)
}
