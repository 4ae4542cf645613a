package pages_test

// changeRole gives the user a role, and takes it back.
func (w *walk) changeRole() {
	r := w.admin
	r.open(w.userPath)
	r.fill("field.role", r.say("role.admin"))
	r.click("user.role-act")
	r.sees(200, w.userPath, grace.name())
	r.sayingDone("role")
	w.user.open("/account")
	w.user.thrownOut()
	w.user.enterAs(w.grace)
	w.user.click("nav.overview")
	w.user.sees(200, "/admin", r.say("overview.title"))

	r.fill("field.role", r.say("role.user"))
	r.click("user.role-act")
	r.sayingDone("role")
	w.user.click("nav.users")
	w.user.thrownOut()
	w.user.signIn(w.grace.email, w.grace.password)
	w.user.sees(403, "/admin/users", r.say("status.403"))
	w.user.press("main a.button")
	w.user.sees(200, "/account", r.say("account.title"))
}

// disable keeps the user out from the next request on, until they are enabled again.
func (w *walk) disable() {
	r := w.admin
	r.click("user.disable-act")
	r.sees(200, w.userPath, grace.name())
	r.sayingDone("user-disabled")
	w.user.click("profile.act")
	w.user.thrownOut()
	w.user.signIn(w.grace.email, w.grace.password)
	w.user.sees(401, "/login", r.say("login.title"))
	w.user.warned(r.say("login.refused"))
	r.click("user.enable-act")
	r.sayingDone("user-enabled")
	w.user.signIn(w.grace.email, w.grace.password)
	w.user.sees(200, "/account", r.say("account.title"))
}

// endAsAdmin ends a session in the list of everybody's, and then all that the user has.
func (w *walk) endAsAdmin() {
	r := w.admin
	other := w.site.reader(w.t, edge(w.device))
	other.enterAs(w.grace)
	r.click("nav.sessions")
	r.sees(200, "/admin/sessions", r.say("sessions.title"))
	r.Click(r.say("session.end") + " " + r.say("device.on", "browser", "Edge", "system", "Linux") + ", " + grace.email)
	r.sees(200, "/admin/sessions", r.say("sessions.title"))
	r.sayingDone("session-ended")
	other.open("/")
	other.thrownOut()

	w.user.open("/account") // is still in
	w.user.sees(200, "/account", r.say("account.title"))
	r.open(w.userPath)
	r.click("user.end-all-act")
	r.sees(200, w.userPath, grace.name())
	r.sayingDone("sessions-ended")
	if got, want := r.Text(".empty"), r.say("user.no-sessions"); got != want {
		r.t.Errorf("without sessions the page says %q, want %q", got, want)
	}
	w.user.open("/account")
	w.user.thrownOut()
}

// register makes an account without anybody's help, deletes the account, and cannot come back.
func (w *walk) register() {
	r := w.user
	r.click("login.register")
	r.sees(200, "/register", r.say("register.title"))
	r.fill("field.email", grace.email)
	r.fill("field.password", "a password long enough")
	r.click("register.act")
	r.sees(409, "/register", r.say("register.title"))
	r.faulted("email", r.say("problem.email_taken"))
	edith := person{email: "edith@example.com", password: "hyperbolic functions in power lines"}
	r.fill("field.email", edith.email)
	r.fill("field.password", edith.password)
	r.click("register.act")
	r.sees(200, "/account", r.say("account.title"))
	r.sayingDone("welcome")
	r.click("account.delete-act")
	r.sees(200, "/account/delete", r.say("delete.title"))
	r.click("delete.act")
	r.sees(200, "/login", r.say("login.title"))
	r.sayingDone("account-deleted")
	r.signIn(edith.email, edith.password)
	r.sees(401, "/login", r.say("login.title"))
}

// audit finds what has happened.
func (w *walk) audit() {
	r := w.admin
	r.click("nav.audit")
	r.sees(200, "/admin/audit", r.say("audit.title"))
	all := r.Count("tbody tr")
	r.fill("audit.event", r.say("action.login"))
	r.fill("audit.outcome", r.say("outcome.failure"))
	r.fill("audit.user", grace.email)
	r.click("audit.filter")
	r.sees(200, "/admin/audit", r.say("audit.title"))
	var rows []string
	r.Eval(`[...document.querySelectorAll("tbody tr")].map(e => e.innerText)`, &rows)
	if len(rows) != 2 || all < 20 { // with the old password, and while disabled
		r.t.Errorf("%d of %d entries are failures to sign in as %s: %q", len(rows), all, grace.email, rows)
	}
	r.fill("audit.outcome", r.say("audit.any-outcome"))
	r.fill("audit.event", r.say("action.backup"))
	r.click("audit.filter")
	if got, want := r.Text(".empty"), r.say("audit.nothing"); got != want {
		r.t.Errorf("where nothing matches it says %q, want %q", got, want)
	}
	r.fill("audit.user", "nobody@example.com")
	r.click("audit.filter")
	r.sees(400, "/admin/audit", r.say("audit.title"))
	r.faulted("user", r.say("audit.unknown_user"))
	r.click("audit.clear")
	if n := r.Count("tbody tr"); n < all {
		r.t.Errorf("%d entries, and %d before", n, all)
	}
}

// leave signs out on the page that asks, and finds nothing by going back.
func (w *walk) leave() {
	r := w.admin
	r.open("/logout")
	r.sees(200, "/logout", r.say("logout.title"))
	r.click("logout.stay")
	r.sees(200, "/account", r.say("account.title"))
	r.signOut()
	r.Back()
	r.thrownOut()
	r.Back()
	r.thrownOut()
	r.open("/logout")
	r.thrownOut()
}
