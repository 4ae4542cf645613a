package serve_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

// A crawl goes through all pages in all their states. What each of them must be, the [contract] has an eye
// on; a crawl only has to get there.
type crawl struct {
	*target
	root, user, out *textbrowser.Browser // an administrator, a user, and nobody
	victim          person
}

// TestPages crawls, over plain HTTP on this machine and as the site that others see, in all languages.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, publicURL := range map[string]string{"http": "", "https": "https://id.example.com"} {
		t.Run(name, func(t *testing.T) {
			onEachTarget(t, options{publicURL: publicURL, registration: true, burst: 4}, func(t *testing.T, tg *target) {
				c := &crawl{target: tg, out: tg.browser()}
				c.fromOutside()
				c.own()
				c.administration()
				c.wrongRequests()
				c.tooOften()
				c.whatTheyLoad()
				c.lookBack()
			})
		})
	}
}

// is checks a page's status, and returns it.
func (c *crawl) is(status int, p *textbrowser.Page) *textbrowser.Page {
	c.t.Helper()
	if p.Status != status {
		c.t.Errorf("%s; want %d", p, status)
	}
	return p
}

// fromOutside sees what strangers see, and lets one of them in.
func (c *crawl) fromOutside() {
	for _, language := range []string{"fr", "de", "es", "en"} {
		c.out.Language = language
		for _, path := range []string{"/login", "/login?done=signed-out", "/login?return_to=%2Faccount", "/register", "/logout", "/confirm", "/", "/account", "/nowhere"} {
			c.is(200, c.out.Open(path))
		}
		for _, path := range []string{"/setup/x", "/reset/x", "/assets/x"} {
			c.is(404, c.out.Open(path))
		}
		c.is(401, c.out.Open("/login").Form("/login").Set("email", "nobody"+language+"@example.com", "password", "x").Send())
	}
	c.is(200, c.out.Open("/login?lang=fr"))
	if !strings.Contains(c.out.Open("/login").Body, `<html lang="fr"`) {
		c.t.Error("the language that was chosen is forgotten")
	}
	c.is(200, c.out.Open("/login?lang=en"))
	c.is(303, c.out.Fetch("GET", "/login?lang=xx", nil))
	c.is(303, c.out.Fetch("POST", "/confirm", url.Values{"return_to": {"/account"}})) // to the login

	c.victim = person{email: "<b>'\"&@example.com", password: newPassword()}
	register := c.out.Open("/register").Form("/register").Set("email", "nobody", "password", c.victim.password)
	c.is(400, register.Send())
	c.is(400, register.Set("email", c.victim.email, "password", "hunter2").Send())
	c.is(409, register.Set("email", c.admin.email, "password", c.victim.password).Send())
	c.victim.email = "victim@example.com"
	name := `"><script>alert(1)</script>`
	c.is(400, register.Set("email", c.victim.email, "first_name", strings.Repeat("x", 300)).Send())
	c.is(200, register.Set("first_name", name, "last_name", strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 7)).Send())
	c.user, c.out = c.out, c.browser()
}

// login returns a browser in which somebody has signed in.
func (c *crawl) login(p person) *textbrowser.Browser {
	c.t.Helper()
	b := c.browser()
	c.is(200, b.Open("/login").Form("/login").Set("email", p.email, "password", p.password).Send())
	return b
}

// own goes through the pages of an account.
func (c *crawl) own() {
	other := c.login(c.victim)
	account := c.is(200, c.user.Open("/account"))
	c.is(400, account.Form("/account/profile").Set("last_name", strings.Repeat("x", 300)).Send())
	c.is(200, account.Form("/account/profile").Set("first_name", "").Send())
	email := account.Form("/account/email")
	c.is(403, email.Set("email", "other@example.com", "old_password", "x").Send())
	c.is(400, email.Set("email", "nobody", "old_password", c.victim.password).Send())
	c.is(409, email.Set("email", c.admin.email).Send())
	change := account.Form("/account/password")
	c.is(403, change.Set("old_password", "x", "new_password", newPassword()).Send())
	c.is(400, change.Set("old_password", c.victim.password, "new_password", "short").Send())
	for _, path := range []string{"/account/delete", "/logout", "/account?done=profile", "/account?lang=de", "/account?lang=en"} {
		c.is(200, c.user.Open(path))
	}
	c.is(303, c.user.Fetch("GET", "/login", nil))
	c.is(403, c.user.Open("/admin"))
	c.is(404, c.user.Open("/nowhere"))
	c.is(404, c.user.Open("/account/nowhere"))
	c.is(403, c.user.Fetch("POST", "/account/profile", url.Values{"form_token": {"x"}}))
	c.is(405, c.user.Fetch("PUT", "/account", nil))
	c.is(413, c.user.Fetch("POST", "/account/profile", url.Values{"x": {strings.Repeat("x", 65<<10)}}))
	c.is(400, c.user.Fetch("POST", "/account/profile", tooManyFields()))

	var ends string
	for _, form := range account.Forms() {
		if strings.Contains(form.Action, "/account/sessions/") && strings.HasSuffix(form.Action, "/end") {
			ends = form.Action
		}
	}
	c.is(200, c.user.Open("/account").Form(strings.TrimPrefix(ends, c.path(""))).Send())
	c.is(200, other.Open("/account")) // which is the login by now
	other = c.login(c.victim)
	c.is(200, c.user.Open("/account").Form("/account/sessions/end-others").Send())
	c.is(303, other.Fetch("GET", "/account", nil))
	next := newPassword()
	c.is(200, c.user.Open("/account").Form("/account/password").Set("old_password", c.victim.password, "new_password", next).Send())
	c.victim.password = next
	c.is(200, c.user.Open("/account").Form("/account/email").Set("old_password", next, "email", "second@example.com").Send())
	c.victim.email = "second@example.com"
	c.is(200, c.user.Open("/logout").Form("/logout").Send())
	c.is(200, c.user.Open("/account"))

	leaver := c.browser()
	gone := leaver.Open("/register").Form("/register").Set("email", "leaver@example.com", "password", newPassword())
	c.is(200, gone.Send())
	c.is(200, leaver.Open("/account/delete").Form("/account/delete").Send())
	c.user, c.root = c.login(c.victim), c.login(c.admin)
}

// tooManyFields is a form with more fields than any form has.
func tooManyFields() url.Values {
	fields := make(url.Values)
	for i := range 200 {
		fields.Set("field"+number(int64(i)), "x")
	}
	return fields
}

// lookBack makes sure that the crawl was everywhere.
func (c *crawl) lookBack() {
	for _, p := range pageRoutes {
		status := p.status
		if p.path == "/assets/{file}" {
			continue
		}
		if !c.met.hasMet(p.method, p.path, status) && !(p.path == "/setup/{secret}" && p.method == "POST") {
			c.t.Errorf("nobody has met %s with status %d", p, status)
		}
	}
	var statuses []int
	c.met.pages.Range(func(met, _ any) bool {
		statuses = append(statuses, met.(meeting).status)
		return true
	})
	for _, status := range pageStatuses {
		if status != 503 && !slices.Contains(statuses, status) {
			c.t.Errorf("no page was answered with %d", status)
		}
	}
	prefix := ""
	if c.host != "" {
		prefix = "__Host-"
	}
	for _, name := range []string{prefix + "session", prefix + "visitor", prefix + "device", languageCookie} {
		if _, ok := c.met.cookies.Load(name); !ok {
			c.t.Errorf("nobody has met the cookie %s", name)
		}
	}
}
