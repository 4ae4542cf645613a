package pages_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// TestByKeyboardAlone signs in, changes a name and signs out without a mouse.
func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.add(grace, "user")
	for name, device := range map[string]browser.Device{"en": {}, "fr without scripts": {Language: "fr", NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.reader(t, device)
			r.open("/login")
			r.Type(grace.email) // the cursor is there
			r.tabTo("field.password")
			r.Type("nothing that she chose")
			r.Press(browser.Enter)
			r.sees(401, "/login", r.say("login.title"))
			r.tabTo("field.password")
			r.Type(grace.password)
			r.Press(browser.Tab)
			if device.NoScript != (r.Focused().Name == r.say("login.act")) {
				t.Errorf("after the password comes %v", r.Focused())
			}
			r.tabTo("login.act")
			r.Press(browser.Space)
			r.sees(200, "/account", r.say("account.title"))

			r.Press(browser.Tab)
			if got, want := r.Focused(), (browser.Focus{Role: "link", Name: r.say("page.skip")}); got != want {
				t.Errorf("the first stop is %v, want %v", got, want)
			}
			r.Press(browser.Enter, browser.Tab)
			if got, want := r.Focused().Name, r.label("field.first_name"); got != want {
				t.Errorf("behind the head of the page comes %q, want %q", got, want)
			}
			r.Type("Amazing Grace")
			r.Press(browser.Enter)
			r.sees(200, "/account", r.say("account.title"))
			r.sayingDone("profile")
			if got := r.Text("header .me"); !strings.HasSuffix(got, "Amazing Grace Hopper") {
				t.Errorf("the page calls its reader %q", got)
			}
			r.tabTo("nav.signout")
			r.Press(browser.Enter)
			r.sees(200, "/login", r.say("login.title"))
			r.sayingDone("signed-out")
		})
	}
}

// tabTo presses Tab until it comes to what the text of that key names.
func (r *reader) tabTo(key string) {
	r.t.Helper()
	for range 30 {
		if r.Focused().Name == r.say(key) {
			return
		}
		r.Press(browser.Tab)
	}
	r.t.Fatalf("Tab does not come to %q", r.say(key))
}
