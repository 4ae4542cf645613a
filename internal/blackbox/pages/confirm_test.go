package pages_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/handstamp/handstamp/internal/browser"
)

// TestConfirm: who has proved the password long ago is asked for it before a dangerous act, and the act goes on with
// what was typed, in each language.
func TestConfirm(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.add(ada, "admin")
	readers := map[string]*reader{}
	for name, device := range map[string]browser.Device{
		"en": {}, "fr": {Language: "fr", NoScript: true}, "de": {Language: "de"}, "es": {Language: "es", NoScript: true},
	} {
		readers[name] = s.reader(t, device)
		readers[name].enterAs(ada)
	}
	s.age(11 * time.Minute)
	for name, r := range readers {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			r.open("/admin/users/new")
			r.fill("field.email", name+"@example.com")
			r.Fill(r.label("field.first_name"), "Émilie “Milou”")
			r.Fill(r.label("field.last_name"), "du Châtelet <"+name+">")
			r.fill("field.role", r.say("role.admin"))
			r.click("newuser.act")
			r.sees(403, "/admin/users/new", r.say("confirm.title"))
			if got, want := r.Text("main"), r.say("act.user-create")+" "+r.say("confirm.text"); !strings.Contains(got, want) {
				t.Errorf("the page asks %q, want %q", got, want)
			}
			var at string
			if r.Eval(`document.activeElement.name`, &at); at != "proof" {
				t.Errorf("the cursor is in %q", at)
			}
			if name == "en" {
				r.Accessible()
				r.KeyboardWalk()
			}
			r.fill("field.proof", grace.password)
			r.click("confirm.act")
			r.sees(403, "/admin/users/new", r.say("confirm.title"))
			r.faulted("proof", r.say("field.wrong_password"))
			r.fill("field.proof", ada.password)
			r.click("confirm.act")
			r.sees(200, r.path(), "Émilie “Milou” du Châtelet <"+name+">")
			r.sayingDone("user-created")
			r.holds("[name=email]", name+"@example.com")
			r.holds("[name=role]", "admin")

			r.click("user.disable-act") // the password has just been proved
			r.sees(200, r.path(), "Émilie “Milou” du Châtelet <"+name+">")
			r.sayingDone("user-disabled")
		})
	}
	r := readers["en"]
	s.age(11 * time.Minute)
	r.open("/account/delete")
	r.click("delete.act")
	r.sees(403, "/account/delete", r.say("confirm.title"))
	r.click("page.cancel")
	r.sees(200, "/account", r.say("account.title"))
}

// TestConfirmForAnApp: an app sends a reader here, who proves the password, and is where the app wanted; and is there at
// once as long as that is fresh.
func TestConfirmForAnApp(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.add(ada, "admin")
	readers := map[string]*reader{}
	for name, device := range map[string]browser.Device{
		"en": {}, "fr": {Language: "fr", NoScript: true}, "de": {Language: "de"}, "es": {Language: "es", NoScript: true},
	} {
		readers[name] = s.reader(t, device)
		readers[name].enterAs(ada)
	}
	s.age(11 * time.Minute)
	for name, r := range readers {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			const link = "/confirm?return_to=%2Fadmin%2Fusers"
			r.open(link)
			r.sees(200, "/confirm", r.say("confirm.title"))
			if got, want := r.Text("main"), r.say("act.return")+" "+r.say("confirm.text"); !strings.Contains(got, want) {
				t.Errorf("the page asks %q, want %q", got, want)
			}
			r.Accessible()
			r.fill("field.proof", grace.password)
			r.click("confirm.act")
			r.sees(403, "/confirm", r.say("confirm.title"))
			r.faulted("proof", r.say("field.wrong_password"))
			r.fill("field.proof", ada.password)
			r.click("confirm.act")
			r.sees(200, "/admin/users", r.say("users.title"))
			r.open(link)
			r.sees(200, "/admin/users", r.say("users.title"))
		})
	}
}

// age makes all sessions begin, and their passwords be proved, so much earlier, while the server is stopped.
func (s *site) age(by time.Duration) {
	s.t.Helper()
	s.stop()
	db, err := sql.Open("sqlite", filepath.Join(s.data, "handstamp.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = db.Exec(`UPDATE sessions SET began_at = began_at - $1, proved_at = proved_at - $1`, by.Microseconds())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.start()
}
