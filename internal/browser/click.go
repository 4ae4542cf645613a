package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
)

// leads is a function that says whether what is clicked, or where Enter is pressed, makes the browser go
// somewhere. What a script makes of it is not its concern.
const leads = `function (enter) {
	const link = this.closest("a[href]");
	if (link) return !link.hasAttribute("download") && ["", "_self"].includes(link.target);
	if (!this.form) return false;
	const sends = e => ["submit", "image"].includes(e.type);
	let button = sends(this) ? this : undefined;
	if (enter && this.matches("input:not([type=button], [type=reset], [type=file])")) {
		button ??= [...this.form.elements].find(sends); // HTML, 4.10.21.2: implicit submission
	}
	if (!button || button.matches(":disabled")) return false;
	const method = button.getAttribute("formmethod") ?? this.form.method;
	return method !== "dialog" && (this.form.noValidate || button.formNoValidate || this.form.checkValidity());
}`

// Click clicks on the one button, link, box or other control with that accessible name, in its middle, and
// fails the test if something lies on top. It waits for the page that comes of it; a form that the browser
// refuses to send, for a field that is required, leads nowhere.
func (v *Visitor) Click(name string) {
	v.t.Helper()
	e := v.only("control", name, v.named(name, clickable))
	v.click(e, fmt.Sprintf("what %q leads to", name))
}

func (v *Visitor) click(e element, what string) {
	v.t.Helper()
	call(v, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{ObjectID: runtime.RemoteObjectID(e)})
	var hit struct {
		X, Y  float64
		Cover string
	}
	v.ask(e, `function () {
		const box = (this.getClientRects()[0] ?? this.getBoundingClientRect());
		const x = box.x + box.width / 2, y = box.y + box.height / 2;
		const top = document.elementFromPoint(x, y);
		const mine = top && [this, ...(this.labels ?? [])].some(e => e.contains(top));
		return {X: x, Y: y, Cover: mine ? "" : top ? top.outerHTML.slice(0, 200) : "nothing: it is not in the window"};
	}`, &hit)
	if hit.Cover != "" {
		v.fail("a click for %s would meet %s", what, hit.Cover)
	}
	var away bool
	v.ask(e, leads, &away, false)
	press := func() {
		v.t.Helper()
		for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
			params := input.DispatchMouseEventParams{Type: kind, X: hit.X, Y: hit.Y, Button: input.MouseButtonLeft, ClickCount: 1}
			if kind == input.DispatchMouseEventTypeMouseMoved {
				params.Button, params.ClickCount = input.MouseButtonNone, 0
			}
			call(v, input.DispatchMouseEvent, params)
		}
	}
	if away {
		v.goingTo(what, press)
	} else {
		press()
	}
}
