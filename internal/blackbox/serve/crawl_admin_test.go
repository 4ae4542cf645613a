package serve_test

import (
	"net/url"
	"strings"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

// administration goes through the pages of administrators.
func (c *crawl) administration() {
	for _, path := range []string{
		"/admin", "/admin/users", "/admin/users?search=second", "/admin/users?search=%3Cb%3E", "/admin/users/new", "/admin/sessions", "/admin/sessions?after=x",
		"/admin/audit", "/admin/audit?outcome=failure&action=login", "/admin/audit?user=second@example.com&since=2020-01-01&until=2100-01-01",
		"/admin/audit?until=1999-01-01", "/admin/users?after=x", "/admin/users?before=0", "/admin/audit?before=3",
	} {
		c.is(200, c.root.Open(path))
	}
	for _, p := range pageRoutes {
		if p.method == "GET" && p.status == 303 && p.access != everybody {
			c.is(303, c.root.Fetch("GET", p.at(c.admin.id, c.admin.id, ""), nil))
		}
	}
	c.is(400, c.root.Open("/admin/users?search="+strings.Repeat("x", 2000)))
	c.is(400, c.root.Open("/admin/audit?since=yesterday&until=x&user=nobody"))
	c.is(404, c.root.Open("/admin/users/00000000-0000-4000-8000-000000000000"))
	c.is(404, c.root.Open("/admin/users/x"))
	c.is(404, c.root.Open("/nowhere"))

	form := c.root.Open("/admin/users/new").Form("/admin/users/new").Set("email", "nobody")
	c.is(400, form.Send())
	c.is(409, form.Set("email", c.victim.email).Send())
	made := c.is(200, form.Set("email", "made@example.com", "first_name", "<i>", "role", "user").Send())
	page := strings.TrimPrefix(made.URL.Path, c.path(""))
	act := func(status int, name string, fields ...string) *textbrowser.Page {
		c.t.Helper()
		return c.is(status, c.root.Open(page).Form(page+"/"+name).Set(fields...).Send())
	}
	act(409, "profile", "email", c.victim.email)
	act(200, "profile", "last_name", "Last")
	act(200, "role", "role", "admin")
	role := c.root.Open(page).Form(page + "/role")
	role.Fields.Set("role", "emperor")
	c.is(400, role.Send())
	_, link, _ := strings.Cut(act(200, "reset-link").Body, "/reset/")
	link, _, _ = strings.Cut(link, `"`)
	link = "/reset/" + keepSecret(link)
	reset := c.is(200, c.out.Open(link)).Form(link)
	c.is(400, reset.Set("new_password", "short").Send())
	c.is(200, reset.Set("new_password", newPassword()).Send())
	c.is(404, c.out.Open(link))
	c.is(200, c.out.Open("/admin")) // of which there are two now
	if listed := c.is(200, c.root.Open(page)); strings.Contains(listed.Body, link) {
		c.t.Errorf("a link is shown again: %s", listed)
	}
	act(200, "end-sessions")
	act(200, "disable")
	act(200, "enable")
	self := "/admin/users/" + c.admin.id
	c.is(200, c.root.Open(self))
	act(200, "delete")
	c.is(409, c.root.Open(self).Form(self+"/role").Set("role", "user").Send())
	c.is(404, c.root.Fetch("POST", page+"/enable", url.Values{"form_token": {c.root.Open("/admin/users/new").Form("/new").Fields.Get("form_token")}}))
	ended := c.user.Cookies()
	c.is(200, c.root.Open("/admin/sessions").Form(c.endOf(c.user)).Send())
	if got := c.user.Open("/account"); !strings.HasPrefix(got.URL.Path, c.path("/login")) || c.user.Cookies()[c.sessionName()] != ended[c.sessionName()] {
		c.t.Errorf("%s", got)
	}
	c.links()
}

// endOf returns where the form goes that ends the session of a browser.
func (c *crawl) endOf(b *textbrowser.Browser) string {
	asks := c.stranger()
	asks.cookies = b.Cookies()
	return "/admin/sessions/" + asks.sessionID() + "/end"
}

// links follows all links that administrators see, one for each page and set of parameters.
func (c *crawl) links() {
	seen, next := make(map[string]bool), []string{"/admin", "/account"}
	for n := 0; len(next) > 0 && n < 60; n++ {
		path := next[0]
		next = next[1:]
		p := c.root.Open(path)
		if p.Status != 200 {
			c.t.Errorf("a link leads to %s", p)
		}
		for _, link := range p.Links() {
			u, err := p.URL.Parse(link)
			if err != nil || strings.HasPrefix(link, "#") {
				continue
			}
			kind := patternOf(strings.TrimPrefix(u.Path, c.path("")))
			for name := range u.Query() {
				kind += "&" + name
			}
			if !seen[kind] && !u.Query().Has("lang") {
				seen[kind] = true
				next = append(next, u.String())
			}
		}
	}
	if len(seen) < 8 {
		c.t.Errorf("only %d kinds of links", len(seen))
	}
}
