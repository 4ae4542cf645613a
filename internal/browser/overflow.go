package browser

import _ "embed"

//go:embed overflow.js
var overflowScript string

// Overflow returns what does not fit into the window: that the page scrolls sideways (WCAG 2.2, success
// criterion 1.4.10), and each element whose text is cut off (1.4.4), with an ellipsis or without. What may
// scroll by itself, such as the box around a wide table, does fit.
func (v *Visitor) Overflow() []string {
	v.t.Helper()
	var found []string
	v.Eval(overflowScript, &found)
	return found
}
