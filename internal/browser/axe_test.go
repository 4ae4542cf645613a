package browser_test

import (
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

func TestAccessible(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, css string
		want            []string
	}{
		{"good", `<label for="a">Name</label> <input id="a"> <button>Save</button>`, "", nil},
		{"contrast", `<p id="pale">Pale</p>`, "#pale { color: #aaa; background: #fff }", []string{"serious: color-contrast", "#pale"}},
		{"label", `<input id="nameless">`, "", []string{"critical: label", "#nameless", "Form elements must have labels"}},
		{"small targets", `<button class="s" aria-label="a"></button><button class="s" aria-label="b"></button>`, ".s { width: 10px; height: 10px; padding: 0; border: 0; margin: 0; display: block }", []string{"target-size"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := visitor(t, browser.Device{}, serve(t, c.body, style(c.css)).URL)
			if c.want != nil {
				wantFailure(t, v, func(v *browser.Visitor) { v.Accessible() }, c.want...)
				return
			}
			v.Accessible("best-practice")
			if found := append(v.Violations(), v.Foreign()...); len(found) > 0 {
				t.Errorf("looking breaks the policy: %q", found)
			}
		})
	}
}
