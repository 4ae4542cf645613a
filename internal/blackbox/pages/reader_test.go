package pages_test

import (
	"cmp"
	"fmt"
	"net/url"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// A reader is somebody in front of a browser, who finds things by what the pages call them in the
// reader's language.
type reader struct {
	*browser.Visitor
	t     testing.TB
	site  *site
	words *texts.Language
}

// reader returns a new reader of the site. In the end it checks that the pages kept their own policy and
// loaded nothing from elsewhere, and that the console is empty.
func (s *site) reader(t testing.TB, d browser.Device) *reader {
	t.Helper()
	words, known := texts.Default().Find(cmp.Or(d.Language, "en"))
	if !known {
		t.Fatalf("no pages in %q", d.Language)
	}
	r := &reader{browser.Start(t).Visitor(t, d), t, s, words}
	t.Cleanup(func() {
		if t.Failed() {
			return // and the failure has shown all this
		}
		for what, found := range map[string][]string{
			"forbidden by the policy of the pages": r.Violations(), "loaded from elsewhere": r.Foreign(), "in the console": r.ConsoleErrors(),
		} {
			if len(found) > 0 {
				t.Errorf("%s: %q", what, found)
			}
		}
	})
	return r
}

// in returns the reader for a part of the test.
func (r *reader) in(t testing.TB) *reader {
	inner := *r
	inner.t, inner.Visitor = t, r.Visitor.In(t)
	return &inner
}

// say returns a text of the pages in the reader's language.
func (r *reader) say(key string, args ...any) string {
	r.t.Helper()
	text, err := r.words.Text(key, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

// count returns a text that depends on a number.
func (r *reader) count(key string, n int) string {
	r.t.Helper()
	text, err := r.words.Count(key, n)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

// label returns what a field is called that may be left empty.
func (r *reader) label(key string) string { return r.say(key) + " " + r.say("field.optional") }

// open goes to a path of the site.
func (r *reader) open(path string) {
	r.t.Helper()
	r.Open(r.site.base + path)
}

// click clicks on what the text of that key names.
func (r *reader) click(key string) {
	r.t.Helper()
	r.Click(r.say(key))
}

// fill fills in the field that the text of that key names.
func (r *reader) fill(key, text string) {
	r.t.Helper()
	r.Fill(r.say(key), text)
}

// focus puts the focus on an element that shares its name with another one in the page.
func (r *reader) focus(selector string) {
	r.t.Helper()
	var there bool
	r.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e?.focus(); e?.select?.(); return document.activeElement === e })()`, selector), &there)
	if !there {
		r.t.Fatalf("%s has nothing that takes the focus at %q", r.URL(), selector)
	}
}

// enter types text into the field at selector.
func (r *reader) enter(selector, text string) {
	r.t.Helper()
	r.focus(selector)
	r.Type(text)
}

// press presses the button at selector.
func (r *reader) press(selector string) {
	r.t.Helper()
	r.focus(selector)
	r.Press(browser.Enter)
}

// path returns where the reader is, without host and query.
func (r *reader) path() string {
	r.t.Helper()
	u, err := url.Parse(r.URL())
	if err != nil {
		r.t.Fatal(err)
	}
	return u.Path
}

// sees checks which page the reader is on, and what everybody sees of that.
func (r *reader) sees(status int, path, heading string) {
	r.t.Helper()
	var page struct{ Title, Heading, Language, Content string }
	r.Eval(`({
		Title: document.title, Heading: document.querySelector("h1")?.innerText ?? "", Language: document.documentElement.lang,
		Content: document.body.innerText,
	})`, &page)
	if at := r.path(); at != path || r.Status() != status || page.Heading != heading {
		r.t.Fatalf("at %s, which answered %d and is headed %q; want %s, %d and %q\n%s", at, r.Status(), page.Heading, path, status, heading, page.Content)
	}
	if want := heading + " · Handstamp"; page.Title != want {
		r.t.Errorf("%s: the title is %q, want %q", path, page.Title, want)
	}
	if page.Language != r.words.Tag() {
		r.t.Errorf("%s: lang=%q, want %q", path, page.Language, r.words.Tag())
	}
}

// sayingDone checks that the page says what was just done.
func (r *reader) sayingDone(key string) {
	r.t.Helper()
	if got, want := r.Text("[role=status].done"), r.say("done."+key); got != want {
		r.t.Errorf("%s says %q, want %q", r.path(), got, want)
	}
}

// warned checks that the page says what was wrong with a form as a whole.
func (r *reader) warned(text string) {
	r.t.Helper()
	if got := r.Text("[role=alert]"); got != text {
		r.t.Errorf("%s warns %q, want %q", r.path(), got, text)
	}
}

// faulted checks that the field of that name is the only one that is wrong, that who hears the page hears why, and that
// the cursor is there.
func (r *reader) faulted(name, why string) {
	r.t.Helper()
	var wrong []struct{ Name, Why string }
	r.Eval(`[...document.querySelectorAll("[aria-invalid=true]")].map(e => ({
		Name: e.name, Why: document.getElementById(e.getAttribute("aria-describedby").split(" ").pop()).innerText,
	}))`, &wrong)
	if len(wrong) != 1 || wrong[0].Name != name || wrong[0].Why != why {
		r.t.Errorf("%s: wrong are %q, want %s: %q", r.path(), wrong, name, why)
	}
	r.warned(r.say("page.marked"))
	var focused string
	if r.Eval(`document.activeElement.name ?? ""`, &focused); focused != name {
		r.t.Errorf("%s: the cursor is in %q, want %q", r.path(), focused, name)
	}
}

// holds checks what stands in a field.
func (r *reader) holds(selector, want string) {
	r.t.Helper()
	var got string
	if r.Eval(fmt.Sprintf(`document.querySelector(%q).value`, selector), &got); got != want {
		r.t.Errorf("%s: %s holds %q, want %q", r.path(), selector, got, want)
	}
}

// signIn fills in the login, where the reader is.
func (r *reader) signIn(email, password string) {
	r.t.Helper()
	r.fill("field.email", email)
	r.fill("field.password", password)
	r.click("login.act")
}

// enterAs signs in, and sees the account.
func (r *reader) enterAs(p person) {
	r.t.Helper()
	r.open("/login")
	r.sees(200, "/login", r.say("login.title"))
	r.signIn(p.email, p.password)
	r.sees(200, "/account", r.say("account.title"))
}

// signOut presses the button at the head of every page.
func (r *reader) signOut() {
	r.t.Helper()
	r.press("header form button")
	r.sees(200, "/login", r.say("login.title"))
	r.sayingDone("signed-out")
}

// thrownOut checks that the reader was sent to the login.
func (r *reader) thrownOut() {
	r.t.Helper()
	r.sees(200, "/login", r.say("login.title"))
	if n := r.Count("header .who"); n != 0 {
		r.t.Error("who was thrown out is still called by name")
	}
}
