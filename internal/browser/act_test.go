package browser_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/browser"
)

const form = `
	<form method="post" action="/sent">
		<label for="mail">Email address</label> <input id="mail" name="email" type="email" required value="old@example.com">
		<label>Password <input name="password" type="password"></label>
		<label for="role">Role</label> <select id="role" name="role"><option value="">none</option><option value="admin">Administrator</option></select>
		<input name="nameless">
		<label><input type="checkbox" name="keep" value="yes"> Keep me</label>
		<label for="short">Short</label> <input id="short" maxlength="3">
		<button type="button">Show</button> <button>Sign in</button> <button disabled>Never</button>
	</form>
	<p><a href="#end">Skip</a> <a href="/there">Onwards</a> <a href="/nothing">Nothing</a> <a href="/turned">Turned away</a></p>
	<details><summary>More</summary><p id="more">And more</p></details>
	<button>Twice</button> <button>Twice</button> <button id="under">Covered</button><div id="over"></div><p id="end">End</p>`

func formPage(t *testing.T) string {
	t.Helper()
	handlers := style(`#under { position: absolute; top: 500px } #over { position: absolute; top: 480px; width: 100%; height: 100px }`)
	handlers["POST /sent"] = func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "/seen?"+r.PostForm.Encode(), http.StatusSeeOther)
	}
	handlers["/seen"] = func(w http.ResponseWriter, r *http.Request) {
		long := strings.Repeat("<!-- who does not wait for the end will miss it -->", 50_000)
		page(long+`<p id="got">`+r.URL.RawQuery+`</p>`)(w, r)
	}
	handlers["/there"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		page(`<p>There</p>`)(w, r)
	}
	handlers["/nothing"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	handlers["/turned"] = func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		page(`<p>Turned away</p>`)(w, r)
	}
	return serve(t, form, handlers).URL
}

func TestFillAndClick(t *testing.T) {
	t.Parallel()
	for _, noScript := range []bool{false, true} {
		v := visitor(t, browser.Device{NoScript: noScript}, formPage(t))
		v.Fill("Email address", "ada@example.com")
		v.Fill("Password", "pässword & more")
		v.Fill("Role", "Administrator")
		v.Fill("nameless", "by its name")
		v.Click("Keep me")
		v.Click("Sign in")
		const want = "email=ada%40example.com&keep=yes&nameless=by+its+name&password=p%C3%A4ssword+%26+more&role=admin"
		if got := v.Text("#got"); got != want {
			t.Errorf("noScript %v: sent %s", noScript, got)
		}
		var statuses []int
		for _, d := range v.Documents() {
			statuses = append(statuses, d.Status)
		}
		if diff := cmp.Diff([]int{200, 303, 200}, statuses); diff != "" || v.Status() != 200 {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
	}
}

func TestGoingAbout(t *testing.T) {
	t.Parallel()
	address := formPage(t)
	v := visitor(t, browser.Device{}, address)
	v.Click("Skip")
	if got := v.URL(); got != address+"/#end" {
		t.Errorf("after a link within the page at %s", got)
	}
	v.Click("Nothing") // 204: stays
	v.Click("More")
	if got := v.Text("#more"); got != "And more" {
		t.Errorf("opened %q", got)
	}
	v.Click("Show")
	v.Click("Turned away")
	if v.Status() != http.StatusForbidden {
		t.Errorf("status %d", v.Status())
	}
	if errors := v.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("an answer that is a page is an error of the console: %v", errors)
	}
	v.Back()
	if got := v.URL(); got != address+"/#end" || v.Status() != http.StatusOK {
		t.Errorf("back at %s, %d", got, v.Status())
	}
	v.Click("Onwards")
	if got := v.Document().Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	v.Back()
	v.Fill("email", "")
	v.Click("Sign in") // refused by the browser
	if got := v.URL(); got != address+"/#end" {
		t.Errorf("an empty required field was sent: at %s", got)
	}
}

func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	v := visitor(t, browser.Device{}, formPage(t))
	visitor(t, browser.Device{}, formPage(t)).Press(browser.Tab) // takes no focus away
	var focus bool
	if v.Eval("document.hasFocus()", &focus); !focus {
		t.Error("the page has no focus")
	}
	v.Press(browser.Tab)
	if got, want := v.Focused(), (browser.Focus{Role: "textbox", Name: "Email address"}); got != want {
		t.Errorf("focus is on %v", got)
	}
	v.Type("a@b.example") // Tab selects what is there
	v.Press(browser.Tab, browser.Tab, browser.ShiftTab)
	v.Type("secret")
	v.Press(browser.Tab, browser.Tab, browser.Tab, browser.Space, browser.ShiftTab)
	v.Type("x")
	v.Press(browser.Enter)
	if got := v.Text("#got"); got != "email=a%40b.example&keep=yes&nameless=x&password=secret&role=" {
		t.Errorf("sent %s", got)
	}
	if got := v.Focused(); got != (browser.Focus{}) {
		t.Errorf("on a new page focus is on %v", got)
	}
}

// TestWhatCannotBeDoneFails, and says where it happened.
func TestWhatCannotBeDoneFails(t *testing.T) {
	t.Parallel()
	address := formPage(t)
	v := visitor(t, browser.Device{}, address)
	for _, c := range []struct {
		act  func(*browser.Visitor)
		want string
	}{
		{func(v *browser.Visitor) { v.Click("Sign out") }, `no control named "Sign out"`},
		{func(v *browser.Visitor) { v.Click("Twice") }, "there are 2"},
		{func(v *browser.Visitor) { v.Click("Covered") }, `<div id="over">`},
		{func(v *browser.Visitor) { v.Fill("Phone", "1") }, `no field named "Phone"`},
		{func(v *browser.Visitor) { v.Fill("Role", "King") }, "no such entry"},
		{func(v *browser.Visitor) { v.Fill("Short", "too long") }, `it holds "too"`},
		{func(v *browser.Visitor) { v.Text("#nowhere") }, "nothing matches #nowhere"},
		{func(v *browser.Visitor) { v.Eval("no.such", nil) }, "ReferenceError"},
	} {
		wantFailure(t, v, c.act, c.want, "at "+address+"/, which answered 200", "Email address")
	}
}

// TestImpatience: what never comes fails the test when its time is over.
func TestImpatience(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := serve(t, `<a href="/never">Wait</a>`, map[string]http.HandlerFunc{
		"/never": func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
		},
	})
	v := visitor(t, browser.Device{Patience: 3 * time.Second}, server.URL)
	wantFailure(t, v, func(v *browser.Visitor) { v.Click("Wait") }, `what "Wait" leads to did not come within 3s`, server.URL)
	<-asked
}

// TestLed: a page that leads on by itself, as one with a header Refresh does.
func TestLed(t *testing.T) {
	t.Parallel()
	server := serve(t, `<a href="/onward">Go</a>`, map[string]http.HandlerFunc{
		"/onward": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Refresh", "0; url=/end")
			page(`<p>Onward</p>`)(w, r)
		},
		"/end": page(`<p>The end</p>`),
	})
	v := visitor(t, browser.Device{}, server.URL)
	v.Click("Go")
	v.Led(server.URL + "/end")
	if got := v.Text("p"); got != "The end" {
		t.Errorf("%q", got)
	}
}
