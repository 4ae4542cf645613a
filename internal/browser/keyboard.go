package browser

import (
	_ "embed"
	"strings"
)

//go:embed keyboard.js
var keyboardScript string

// A Stop is an element where Tab stops.
type Stop struct {
	Focus
	Ring    bool // an outline or a shadow, of it, its label or what holds it, shows where the focus is
	Visible bool // it can be seen, and nothing lies on top
}

// KeyboardWalk goes through the whole page with Tab, from the top, and returns where that stops, in order.
// It fails the test where Tab never gets to something, gets stuck, or stops where nobody can see it
// (WCAG 2.2, success criteria 2.1.1, 2.1.2, 2.4.7 and 2.4.11).
func (v *Visitor) KeyboardWalk() []Stop {
	v.t.Helper()
	var expected int
	v.Eval(keyboardScript, nil)
	v.Eval("walk.start()", &expected)

	var stops []Stop
	var missed []string
	last := "the top of the page"
	// Chromium stops at boxes that scroll, too, which are not among those expected.
	for range 2*expected + 20 {
		v.key(string(Tab), 0)
		var stop struct {
			Gone, Inside  bool
			Again         int
			What          string
			Ring, Visible bool
		}
		v.Eval("walk.stop()", &stop)
		v.Eval("walk.missed()", &missed)
		switch {
		case stop.Gone && len(missed) > 0:
			v.t.Errorf("browser: focus is lost after %s; Tab never gets to %s", last, strings.Join(missed, ", "))
			return stops
		case stop.Gone:
			return stops
		case stop.Inside:
			continue
		case stop.Again >= 0 && len(missed) > 0:
			v.t.Errorf("browser: focus is trapped: from %s Tab goes back to %s, and never gets to %s", last, stop.What, strings.Join(missed, ", "))
			return stops
		case stop.Again > 0:
			v.t.Errorf("browser: focus is trapped: from %s Tab goes back to %s", last, stop.What)
			return stops
		case stop.Again == 0: // round to the first
			return stops
		}
		at := Stop{v.Focused(), stop.Ring, stop.Visible}
		if !at.Visible {
			v.t.Errorf("browser: focus is on %s (%v), which nobody can see", stop.What, at.Focus)
		} else if !at.Ring {
			v.t.Errorf("browser: nothing shows that the focus is on %s (%v)", stop.What, at.Focus)
		}
		stops = append(stops, at)
		last = stop.What
	}
	v.t.Errorf("browser: Tab still finds new places after %d", len(stops))
	return stops
}
