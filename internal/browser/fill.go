package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// Fill puts text into the field with that accessible name, its label, or else that name in its form, in
// place of what is there. In a list it chooses the entry that reads so, or has that value.
func (v *Visitor) Fill(field, text string) {
	v.t.Helper()
	found := v.named(field, fillable)
	if len(found) == 0 {
		if object := v.object(`document.querySelector("[name=" + CSS.escape(` + quote(field) + `) + "]:not([type=hidden])")`); object != "" {
			found = []element{element(object)}
		}
	}
	e := v.only("field", field, found)
	var done string // "typing" where somebody would type, else an error or nothing
	v.ask(e, `function (text) {
		if (this.matches(":disabled, [readonly]")) return "it cannot be changed";
		this.focus();
		if (document.activeElement !== this) return "it takes no focus";
		const set = value => {
			this.value = value;
			this.dispatchEvent(new Event("input", {bubbles: true}));
			this.dispatchEvent(new Event("change", {bubbles: true}));
			return this.value === value ? "" : "it does not take that";
		};
		if (this.matches("select")) {
			const option = [...this.options].find(o => o.text === text || o.value === text);
			return option ? set(option.value) : "it has no such entry";
		}
		if (this.matches("input[type^=date], input[type=month], input[type=week], input[type=time], input[type=range]")) return set(text);
		this.select();
		return "typing";
	}`, &done, text)
	if done == "typing" {
		done = v.replace(e, text)
	}
	if done != "" {
		v.fail("fill %q with %q: %s", field, text, done)
	}
}

// replace types text over what is selected in a field.
func (v *Visitor) replace(e element, text string) (problem string) {
	v.t.Helper()
	if text == "" {
		v.key(kb.Delete, 0)
	} else {
		call(v, input.InsertText, input.InsertTextParams{Text: text})
	}
	var holds string
	v.ask(e, `function () { return this.value }`, &holds)
	if holds != text {
		return fmt.Sprintf("it holds %q", holds)
	}
	return ""
}
