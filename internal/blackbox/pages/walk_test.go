package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// edge is another device, as the list of sessions calls it.
func edge(d browser.Device) browser.Device {
	d.UserAgent = "Edg/140.0"
	return d
}

// TestWalk goes through all that people do, in each language, and in two of them without scripts.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, device := range map[string]browser.Device{
		"en": {}, "fr": {Language: "fr"},
		"de without scripts": {Language: "de", NoScript: true}, "es without scripts": {Language: "es", NoScript: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &walk{t: t, site: serve(t, "--registration=open"), device: device, grace: grace}
			w.admin = w.site.reader(t, device)
			for _, part := range []struct {
				name string
				do   func()
			}{
				{"set up", w.setUp},
				{"come back", w.comeBack},
				{"rename", w.rename},
				{"invite", w.invite},
				{"end the session on another device", w.endOther},
				{"change the password", w.changePassword},
				{"change the role", w.changeRole},
				{"disable", w.disable},
				{"end a session as administrator", w.endAsAdmin},
				{"register", w.register},
				{"audit", w.audit},
				{"leave", w.leave},
			} {
				t.Log(part.name)
				part.do()
			}
		})
	}
}

// A walk is a site with its first administrator and a user.
type walk struct {
	t           *testing.T
	site        *site
	device      browser.Device
	admin, user *reader
	grace       person // the user, with the password of the moment
	userPath    string // of the page about the user
}

// setUp makes the first administrator, at the second attempt.
func (w *walk) setUp() {
	r := w.admin
	r.open("/")
	r.sees(200, "/login", r.say("login.title"))

	heading := r.say("setup.title", "name", "Handstamp")
	r.open(w.site.setup)
	r.sees(200, w.site.setup, heading)
	r.fill("field.email", ada.email)
	r.fill("field.password", "too short")
	r.Fill(r.label("field.first_name"), ada.first)
	r.Fill(r.label("field.last_name"), ada.last)
	r.click("register.act")
	r.sees(400, w.site.setup, heading)
	r.faulted("password", r.say("problem.password_too_short", "min", 15))
	r.holds("[name=email]", ada.email)
	r.holds("[name=first_name]", ada.first)
	r.holds("[name=last_name]", ada.last)
	r.holds("[name=password]", "")

	r.fill("field.password", ada.password)
	r.click("register.act")
	r.sees(200, "/account", r.say("account.title"))
	r.sayingDone("welcome")

	late := w.site.reader(w.t, w.device)
	late.open(w.site.setup)
	late.sees(404, w.site.setup, late.say("status.404"))
	if got, want := late.Text("main"), late.say("problem.link_not_good"); !strings.Contains(got, want) {
		w.t.Errorf("the link that was used says %q, want %q", got, want)
	}
}

// comeBack signs out, and in again on the way to somewhere.
func (w *walk) comeBack() {
	r := w.admin
	r.signOut()
	r.signIn(ada.email, "not the one that it is")
	r.sees(401, "/login", r.say("login.title"))
	r.warned(r.say("login.refused"))
	r.holds("[name=email]", ada.email)
	r.holds("[name=password]", "")

	r.open("/admin/users?search=love")
	r.sees(200, "/login", r.say("login.title"))
	r.signIn(ada.email, "a wrong one on the way")
	r.sees(401, "/login", r.say("login.title"))
	r.signIn(ada.email, ada.password)
	r.sees(200, "/admin/users", r.say("users.title"))
	r.holds("[name=search]", "love")
	r.signOut()

	for _, evil := range []string{
		"https://evil.test/", "//evil.test/", `/\evil.test/`, `\\evil.test`, "/\t/evil.test/", "javascript:alert(1)", "http:evil.test", "///evil.test",
	} {
		r.open("/login?return_to=" + url.QueryEscape(evil))
		if n := r.Count("[name=return_to]"); n != 0 {
			r.t.Errorf("the login takes %q along", evil)
		}
	}
	r.signIn(ada.email, ada.password)
	r.sees(200, "/account", r.say("account.title"))
	r.open("/login?return_to=" + url.QueryEscape("https://evil.test/"))
	r.sees(200, "/account", r.say("account.title"))
}
