package serve_test

import (
	"strings"
	"testing"
)

// newResetPath makes a reset link, as an administrator.
func (c *client) newResetPath(of string) string {
	c.t.Helper()
	made := c.want(201, "POST", api+"/users/"+of+"/reset-link", "")
	return resetPathOf(c.t, decode[struct{ URL string }](c.t, made).URL)
}

// resetPathOf returns the path of a reset link below that of the server.
func resetPathOf(t testing.TB, link string) string {
	t.Helper()
	_, secret, ok := strings.Cut(link, "/reset/")
	if !ok || len(secret) != 65 {
		t.Errorf("reset link %q", link)
	}
	return "/reset/" + keepSecret(secret)
}

// TestInvited: somebody for whom an administrator has made an account chooses the password for it.
func TestInvited(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		cy := person{email: "cy@example.com", password: newPassword()}
		cy.id = decode[userView](t, root.want(201, "POST", api+"/users", object("email", cy.email))).ID
		for _, guess := range []string{"", cy.password} {
			tg.stranger().want(401, "POST", api+"/auth_session/login", object("email", cy.email, "password", guess))
		}
		replaced, link := root.newResetPath(cy.id), root.newResetPath(cy.id)
		chosen := object("password", cy.password)
		tg.stranger().want(404, "POST", replaced, chosen)
		for _, method := range []string{"GET", "HEAD", "GET", "OPTIONS"} { // a mail program may look at it first
			if got := tg.stranger().do(method, link, ""); got.status > 204 {
				t.Errorf("%s: %d %s", method, got.status, got.body)
			}
		}
		if weak := tg.stranger().want(400, "POST", link, object("password", "hunter2")); weak.code() != "password_too_short" {
			t.Errorf("a weak password: %s", weak.body)
		}
		browser := tg.stranger()
		browser.want(200, "POST", link, chosen)
		if browser.session() != "" {
			t.Error("a link has signed somebody in")
		}
		browser.want(200, "POST", api+"/auth_session/login", cy.json())
		tg.stranger().want(404, "POST", link, chosen)
	})
}

// TestResetLinkExpires after 24 hours, and not with a restart.
func TestResetLinkExpires(t *testing.T) {
	onThoseThatKeep(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		link := root.newResetPath(tg.newPersonBy(root, "user").id)
		tg.restart()
		tg.hurry(24*60 - 1)
		tg.stranger().want(200, "GET", link, "")
		tg.hurry(1)
		tg.stranger().want(404, "GET", link, "")
		tg.stranger().want(404, "POST", link, object("password", newPassword()))
	})
}
