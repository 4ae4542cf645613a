package pages_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// TestTooManyAttempts: who has guessed too often is told how long to wait, and what was typed stays.
func TestTooManyAttempts(t *testing.T) {
	t.Parallel()
	s := serve(t, "--throttle-account-burst=1")
	s.add(ada, "user")
	for name, device := range map[string]browser.Device{"en": {}, "de, dark": {Language: "de", Dark: true, Width: 360, Height: 740}} {
		t.Run(name, func(t *testing.T) {
			r := s.reader(t, device)
			r.open("/login")
			for range 15 { // on a slow machine some have waited long enough; the wait doubles, and the machine stays as it is
				if r.signIn(ada.email, "a guess"); r.Status() == 429 {
					break
				}
			}
			r.sees(429, "/login", r.say("login.title"))
			words := strings.Split(r.say("problem.too_many_attempts", "wait", "\x00"), "\x00")
			want := regexp.MustCompile(`^` + regexp.QuoteMeta(words[0]) + `\d+ \pL+` + regexp.QuoteMeta(words[1]) + `$`)
			if got := r.Text("[role=alert]"); !want.MatchString(got) {
				t.Errorf("it says %q, want %s", got, want)
			}
			if got := r.Document().Header.Get("Retry-After"); got == "" || got == "0" {
				t.Errorf("Retry-After is %q", got)
			}
			r.holds("[name=email]", ada.email)
			r.Accessible()
			r.KeyboardWalk()
		})
	}
}

// TestBusyStore: where nothing can be written, a page says so, and that nothing was done.
func TestBusyStore(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.add(ada, "user")
	s.mayFail = true
	r := s.reader(t, browser.Device{Language: "fr"})
	r.enterAs(ada)

	db, err := sql.Open("sqlite", filepath.Join(s.data, "handstamp.db")+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lock, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }() // which fails after the one below, and that is all right
	r.press("header form button")
	r.sees(503, "/logout", r.say("status.503"))
	if got, want := r.Text("main"), r.say("problem.unavailable"); !strings.Contains(got, want) {
		t.Errorf("it says %q, want %q", got, want)
	}
	r.Accessible()
	r.KeyboardWalk()
	for _, found := range r.Overflow() {
		t.Error(found)
	}

	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	r.open("/account")
	r.sees(200, "/account", r.say("account.title"))
	r.signOut()
}
