package pages_test

import (
	"net/url"
	"strings"
)

// rename changes the own name, to one that HTML would take amiss.
func (w *walk) rename() {
	r := w.admin
	const long = "Augusta Ada “<King>” & Söhne"
	r.Fill(r.label("field.first_name"), long)
	r.click("profile.act")
	r.sees(200, "/account", r.say("account.title"))
	r.sayingDone("profile")
	r.holds("[name=first_name]", long)
	if got := r.Text("header .me"); !strings.HasSuffix(got, long+" "+ada.last) {
		r.t.Errorf("the page calls its reader %q", got)
	}
	r.Fill(r.label("field.first_name"), ada.first)
	r.click("profile.act")
	r.sayingDone("profile")
}

// invite makes a user, who comes in by a link.
func (w *walk) invite() {
	r := w.admin
	r.click("nav.users")
	r.sees(200, "/admin/users", r.say("users.title"))
	r.click("users.new")
	r.sees(200, "/admin/users/new", r.say("newuser.title"))
	r.fill("field.email", "grace at example")
	r.Fill(r.label("field.first_name"), grace.first)
	r.Fill(r.label("field.last_name"), grace.last)
	r.fill("field.role", r.say("role.user"))
	r.click("newuser.act")
	r.sees(400, "/admin/users/new", r.say("newuser.title"))
	r.faulted("email", r.say("problem.email_not_acceptable"))
	r.holds("[name=first_name]", grace.first)
	r.holds("[name=role]", "user")
	r.fill("field.email", grace.email)
	r.click("newuser.act")
	w.userPath = r.path()
	r.sees(200, w.userPath, grace.name())
	r.sayingDone("user-created")
	r.click("link.act")
	r.sees(200, w.userPath+"/reset-link", grace.name())
	var link string
	r.Eval(`document.querySelector("#link").value`, &link)
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(u.Path, "/reset/") {
		r.t.Fatalf("the reset link is %q", link)
	}

	w.user = w.site.reader(w.t, w.device)
	w.user.open(u.Path)
	w.user.sees(200, u.Path, r.say("reset.title"))
	w.user.fill("field.new_password", "password")
	w.user.click("reset.act")
	w.user.sees(400, u.Path, r.say("reset.title"))
	w.user.faulted("new_password", r.say("problem.password_too_short", "min", 15))
	w.user.fill("field.new_password", grace.password)
	w.user.click("reset.act")
	w.user.sees(200, "/account", r.say("account.title"))
	w.user.sayingDone("new-password")
	for _, path := range []string{"/admin", "/admin/users", w.userPath} {
		w.user.open(path)
		w.user.sees(403, path, r.say("status.403"))
	}
	r.open(u.Path)
	r.sees(404, u.Path, r.say("status.404"))
}

// endOther ends a session of the user's own, which ends for whoever sits there.
func (w *walk) endOther() {
	other := w.site.reader(w.t, edge(w.device))
	other.enterAs(w.grace)
	r := w.user
	r.open("/account")
	if n := r.Count(".list li"); n != 2 {
		r.t.Errorf("%d sessions, want 2", n)
	}
	r.Click(r.say("session.end") + " " + r.say("device.on", "browser", "Edge", "system", "Linux"))
	r.sees(200, "/account", r.say("account.title"))
	r.sayingDone("session-ended")
	if n := r.Count(".list li"); n != 1 {
		r.t.Errorf("%d sessions, want 1", n)
	}
	other.press("header .me")
	other.thrownOut()
}

// changePassword ends all other sessions of the user, and not the one that asks.
func (w *walk) changePassword() {
	other := w.site.reader(w.t, edge(w.device))
	other.enterAs(w.grace)
	next := w.grace
	next.password = "a moth in the relay, taped to the log"

	r := w.user
	r.enter("#password-old_password", "none of mine at all")
	r.fill("field.new_password", next.password)
	r.click("account.password-act")
	r.sees(403, "/account/password", r.say("account.title"))
	r.faulted("old_password", r.say("field.wrong_password"))
	r.enter("#password-old_password", w.grace.password)
	r.fill("field.new_password", next.password)
	r.click("account.password-act")
	r.sees(200, "/account", r.say("account.title"))
	r.sayingDone("password")

	other.click("profile.act") // sends a form
	other.thrownOut()
	other.signIn(w.grace.email, w.grace.password)
	other.sees(401, "/login", r.say("login.title"))
	other.signIn(grace.email, next.password)
	other.sees(200, "/account", r.say("account.title"))
	r.open("/account")
	r.sees(200, "/account", r.say("account.title"))
	if n := r.Count(".list li"); n != 2 {
		r.t.Errorf("%d sessions, want 2", n)
	}
	r.click("account.end-others-act")
	r.sayingDone("others-ended")
	other.open("/account")
	other.thrownOut()
	w.grace = next
}
