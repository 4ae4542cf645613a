package browser_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

func TestOverflow(t *testing.T) {
	t.Parallel()
	phone := browser.Device{Width: 360, Height: 740, Scale: 2, Phone: true}
	for _, c := range []struct {
		name, body, css string
		device          browser.Device
		want            string
	}{
		{"fits", `<p>Some text that goes on and on and wraps</p>`, "", phone, ""},
		{"too wide for a phone", `<p id="wide">Wide</p>`, "#wide { width: 600px }", phone, "the page is 608 px wide in a window of 360 px: p#wide “Wide”"},
		{"not on a desktop", `<p id="wide">Wide</p>`, "#wide { width: 600px }", browser.Device{Width: 2560}, ""},
		{"at 100 %", `<p id="wide">Wide</p>`, "#wide { width: 600px }", browser.Device{Width: 1000}, ""},
		{"at 200 %", `<p id="wide">Wide</p>`, "#wide { width: 600px }", browser.Device{Width: 1000, Zoom: 2}, "in a window of 500 px"},
		{"a box that scrolls", `<div id="box" tabindex="0"><p id="wide">Wide</p></div>`, "#wide { width: 600px } #box { overflow-x: auto }", phone, ""},
		{"a long word", `<p>` + strings.Repeat("long", 40) + `</p>`, "", phone, "the page is"},
		{"ellipsis", `<p id="cut">` + strings.Repeat("long ", 40) + `</p>`, "#cut { overflow: hidden; white-space: nowrap; text-overflow: ellipsis }", phone, "text is cut off: p#cut"},
		{"too low", `<p id="cut">` + strings.Repeat("long ", 40) + `</p>`, "#cut { overflow: hidden; height: 20px }", phone, "text is cut off: p#cut"},
		{"for screen readers", `<p class="sr">For screen readers</p>`, ".sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }", phone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := strings.Join(visitor(t, c.device, serve(t, c.body, style(c.css)).URL).Overflow(), "\n")
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}
