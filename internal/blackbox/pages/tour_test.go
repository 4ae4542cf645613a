package pages_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// A look is one way to look at all pages.
type look struct {
	device   browser.Device
	axe      bool // run axe-core, once for light pages and once for dark ones
	keyboard bool // walk with Tab
}

var looks = map[string]look{
	"light, 1280 px":  {browser.Device{Width: 1280, Height: 800}, true, true},
	"dark, 360 px":    {browser.Device{Width: 360, Height: 740, Dark: true, Phone: true}, true, false},
	"2560 px, French": {browser.Device{Width: 2560, Height: 1440, Language: "fr"}, false, false},
	"zoomed to 200 %, German, calm, in forced colours": {
		browser.Device{Width: 1280, Height: 800, Zoom: 2, Language: "de", ReducedMotion: true, ForcedColors: true}, false, true,
	},
}

// A tourist looks at every page in every state.
type tourist struct {
	*reader
	look look
	seen int
}

// tour looks at every page in every state that a good day has.
func (s *site) tour(t *testing.T, l look) {
	g := &tourist{s.reader(t, l.device), l, 0}
	g.doors()
	g.links()
	g.account()
	g.admin()
	g.lists()
	if g.seen < 35 {
		t.Errorf("saw only %d states", g.seen)
	}
}

// looks at the page. A form that was sent has to come with one of the statuses of forms that were not good.
func (g *tourist) looks(status int, what string) {
	g.t.Helper()
	g.seen++
	if g.Status() != status {
		g.t.Errorf("%s: %s answered %d, want %d", what, g.URL(), g.Status(), status)
	}
	for _, found := range g.Overflow() {
		if !isLongName.MatchString(found) {
			g.t.Errorf("%s: %s", what, found)
		}
	}
	if g.look.axe {
		g.Accessible()
	}
	if g.look.keyboard {
		g.KeyboardWalk()
	}
	if g.look.device.ReducedMotion {
		var moving int
		if g.Eval(`document.getAnimations().length`, &moving); moving > 0 {
			g.t.Errorf("%s: %d things move", what, moving)
		}
	}
}

// isLongName finds a name that is cut off because it is as long as it may be. The forms have the whole of it.
var isLongName = regexp.MustCompile(`^text is cut off: [a-z0-9]+(\.under)?\.(cut|clamp) “Wolfeschlegel`)

// opens a path and looks at it.
func (g *tourist) opens(path string) {
	g.t.Helper()
	g.open(path)
	g.looks(200, path)
}

// doors are the pages of strangers.
func (g *tourist) doors() {
	g.opens("/login?return_to=/admin/users")
	g.click("login.act")
	g.looks(401, "login, sent empty")
	g.signIn(augusta.email, "wrong")
	g.looks(401, "login, refused")
	g.open("/register")
	g.looks(403, "register, closed")
	g.open("/reset/" + strings.Repeat("x", 43))
	g.looks(404, "a link that is not good")
	g.opens("/login?done=signed-out")
}

// lastLink is held by who looks at a link, or makes one: the next one ends it.
var lastLink sync.Mutex

// links are the pages that one gets to by them.
func (g *tourist) links() {
	lastLink.Lock()
	defer lastLink.Unlock()
	path := func(said string) string {
		for word := range strings.FieldsSeq(said) {
			if u, err := url.Parse(word); err == nil && u.Host != "" {
				return u.Path
			}
		}
		g.t.Fatalf("no link in %q", said)
		return ""
	}
	setup := path(g.site.command("", "user", "setup-link"))
	g.opens(setup)
	g.fill("field.email", augusta.email)
	g.fill("field.password", "short")
	g.Fill(g.label("field.first_name"), augusta.first)
	g.click("register.act")
	g.looks(400, "set-up, with a short password")
	reset := path(g.site.command("", "user", "reset-link", augusta.email))
	g.opens(reset)
	g.click("reset.act")
	g.looks(400, "reset, sent empty")
}

// makesLink makes a reset link on the page of a user.
func (g *tourist) makesLink() {
	lastLink.Lock()
	defer lastLink.Unlock()
	g.click("link.act")
}

// account are the pages of everybody, here of somebody with the longest name that there can be.
func (g *tourist) account() {
	g.open("/login")
	g.signIn(augusta.email, augusta.password)
	g.looks(200, "account")
	g.fill("field.email", "augusta at example")
	g.enter("#email-old_password", augusta.password)
	g.click("account.email-act")
	g.looks(400, "account, with a bad email")
	g.click("account.password-act")
	g.looks(403, "account, with an empty password form")
	g.Fill(g.label("field.first_name"), long+"!")
	g.click("profile.act")
	g.looks(400, "account, with a name that is too long")
	g.opens("/account?done=others-ended")
	g.opens("/account/delete")
	g.opens("/logout")
	g.open("/nowhere/" + long)
	g.looks(404, "a page that is not there")
	g.open("/admin/users")
	g.looks(403, "what is for administrators")
	g.signOut()
}

// admin are the pages of administrators about users.
func (g *tourist) admin() {
	g.enterAs(ada)
	g.opens("/admin")
	g.opens("/admin/users/new")
	g.fill("field.email", ada.email)
	g.Fill(g.label("field.last_name"), long)
	g.click("newuser.act")
	g.looks(409, "new user, known already")
	for _, p := range []person{grace, augusta, edsger, ada} {
		g.open("/admin/users?search=" + url.QueryEscape(p.email))
		g.press("tbody a")
		g.looks(200, "user "+p.first[:3])
	}
	own := g.path()
	g.fill("field.role", g.say("role.user"))
	g.click("user.role-act")
	g.looks(409, "the role of the last administrator")
	g.opens(own + "?done=user-saved")
	g.open("/account/delete")
	g.click("delete.act")
	g.looks(409, "the account of the last administrator")

	g.open("/admin/users?search=" + url.QueryEscape(augusta.email))
	g.press("tbody a")
	user := g.path()
	g.makesLink()
	g.looks(200, "user, with a link")
	g.open(user)
	g.fill("field.email", ada.email)
	g.click("profile.act")
	g.looks(409, "user, with the email of another")
	g.open(user)
	g.press("summary")
	g.looks(200, "user, about to be deleted")
	g.open("/admin/users/00000000-0000-4000-8000-000000000000")
	g.looks(404, "a user who is not there")
	g.open(user + "/delete") // which is where a form goes
	if got := g.path(); got != user {
		g.t.Errorf("the path of a form leads to %s, want %s", got, user)
	}
}

// lists are long.
func (g *tourist) lists() {
	g.opens("/admin/users")
	g.press("a[rel=next]")
	g.looks(200, "users, the second page")
	g.opens("/admin/users?search=" + long)
	g.opens("/admin/users?search=nobody" + long[:240])
	g.open("/admin/users?search=nobody+" + long)
	g.looks(400, "users, searched for with too many letters")
	g.opens("/admin/sessions")
	g.opens("/admin/audit")
	g.opens("/admin/audit?action=backup")
	g.open("/admin/audit?user=" + long + "&since=yesterday&until=2026-02-30")
	g.looks(400, "audit, with a filter that is none")
	g.signOut()
}
