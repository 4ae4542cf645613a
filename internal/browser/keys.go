package browser

import (
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Type types text where the focus is.
func (v *Visitor) Type(text string) {
	v.t.Helper()
	call(v, input.InsertText, input.InsertTextParams{Text: text})
}

// A Key is a key that Press presses.
type Key string

// The keys with which people get about in a page.
const (
	Tab       Key = kb.Tab
	ShiftTab  Key = "shift" + kb.Tab
	Enter     Key = kb.Enter
	Space     Key = " "
	Escape    Key = kb.Escape
	ArrowUp   Key = kb.ArrowUp
	ArrowDown Key = kb.ArrowDown
	Home      Key = kb.Home
	End       Key = kb.End
)

// Press presses keys, one after the other. Where Enter or Space leads to a page, it waits for that.
func (v *Visitor) Press(keys ...Key) {
	v.t.Helper()
	for _, key := range keys {
		press := func() { v.key(string(key), 0) }
		if key == ShiftTab {
			press = func() { v.key(kb.Tab, kb.ModifierShift) }
		}
		if (key == Enter || key == Space) && v.keyLeads(key) {
			v.goingTo("what the key leads to", press)
		} else {
			press()
		}
	}
}

// keyLeads reports whether the key makes the browser go somewhere from where the focus is.
func (v *Visitor) keyLeads(key Key) bool {
	v.t.Helper()
	object := v.object("document.activeElement")
	if object == "" {
		return false
	}
	if key == Space { // on a link it scrolls, in a field it is a character
		var button bool
		v.ask(element(object), `function () { return this.matches("button, input[type=submit], input[type=image]") }`, &button)
		if !button {
			return false
		}
	}
	var away bool
	v.ask(element(object), leads, &away, key == Enter)
	return away
}

func (v *Visitor) key(key string, modifiers chromedp.Modifier) {
	v.t.Helper()
	for _, r := range key {
		for _, event := range kb.Encode(r) {
			event.Modifiers |= int64(modifiers)
			call(v, input.DispatchKeyEvent, *event)
		}
	}
}
