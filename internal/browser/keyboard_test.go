package browser_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/browser"
)

func TestKeyboardWalk(t *testing.T) {
	t.Parallel()
	const focus = ":focus-visible { outline: 3px solid #036 }"
	const body = `<a href="/">Home</a> <input type="radio" name="r" id="r1"><label for="r1">One</label><input type="radio" name="r" id="r2"><label for="r2">Two</label>
		<input type="hidden" name="h"> <button disabled>Never</button> <details><summary>More</summary><a href="/">Hidden</a></details> <button>Save</button>`
	for _, c := range []struct {
		name, body, css, script string
		want                    []string
	}{
		{"good", body, focus, "", nil},
		{"own ring of the browser", body, "", "", nil},
		{"shadow", body, "* { outline: none } :focus { box-shadow: 0 0 0 3px #036 }", "", nil},
		{"ring that fades in", body, "* { outline: 3px solid transparent; transition: outline-color 5s } :focus { outline-color: #036 }", "", nil},
		{"black ring", body, ":focus-visible { outline: 3px solid rgb(0, 0, 0) }", "", nil},
		{"transparent ring", body, focus + "a:focus { outline-color: rgba(0, 0, 0, 0) }", "", []string{`nothing shows that the focus is on a Home`}},
		{"no ring", body, focus + "a:focus { outline: none }", "", []string{`nothing shows that the focus is on a Home (link "Home")`}},
		{"ring that is always there", body, "a { outline: 3px solid #036 }", "", []string{`nothing shows that the focus is on a Home`}},
		{"out of sight", `<a href="/" id="away">Away</a><button>Save</button>`, focus + "#away { position: absolute; left: -9999px }", "", []string{`a #away (link "Away"), which nobody can see`}},
		{"covered", `<a href="/">Home</a><div id="lid"></div>`, focus + "#lid { position: fixed; inset: 0 }", "", []string{"which nobody can see"}},
		{"trap", body, focus, `document.querySelector("summary").addEventListener("keydown", e => e.preventDefault())`, []string{"focus is trapped: from summary More Tab goes back to summary More, and never gets to button Save"}},
		{"cycle", body, focus, `document.querySelector("summary").addEventListener("blur", () => document.querySelector("a").focus())`, []string{"focus is trapped", "button Save"}},
		{"lost", body, focus, `document.querySelector("summary").addEventListener("focus", e => e.target.blur())`, []string{"focus is lost", "button Save"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			handlers := style(c.css)
			handlers["/script.js"] = asset("text/javascript", c.script)
			v := visitor(t, browser.Device{}, serve(t, c.body+`<script src="/script.js"></script>`, handlers).URL)
			v.Press(browser.Tab, browser.Tab) // the walk begins at the top, wherever one was before
			if c.want != nil {
				wantFailure(t, v, func(v *browser.Visitor) { v.KeyboardWalk() }, c.want...)
				return
			}
			var stops []string
			for _, stop := range v.KeyboardWalk() {
				stops = append(stops, stop.String())
			}
			if diff := cmp.Diff([]string{`link "Home"`, `radio "One"`, `DisclosureTriangle "More"`, `button "Save"`}, stops); diff != "" {
				t.Errorf("stops (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKeyboardWalkThroughADate: its parts are stops of their own, which is no trap.
func TestKeyboardWalkThroughADate(t *testing.T) {
	t.Parallel()
	v := visitor(t, browser.Device{}, serve(t, `<label>Day <input type="date" name="day"></label> <button>Go</button>`, nil).URL)
	var names []string
	for _, stop := range v.KeyboardWalk() {
		names = append(names, stop.Name)
	}
	if diff := cmp.Diff([]string{"Day", "Go"}, names); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
}
