package look_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/server/pages/look"
)

// ratio is the contrast of two colours, written as #rrggbb, as WCAG 2.2 defines it:
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func ratio(t interface{ Fatalf(string, ...any) }, a, b string) float64 {
	luminance := func(text string) float64 {
		n, err := strconv.ParseUint(text[1:], 16, 32)
		if err != nil || len(text) != 7 {
			t.Fatalf("%q is not #rrggbb", text)
		}
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			v := float64(n>>(8*i)&0xff) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestRatio: pairs that everybody knows.
func TestRatio(t *testing.T) {
	for pair, want := range map[[2]string]float64{
		{"#000000", "#ffffff"}: 21, {"#767676", "#ffffff"}: 4.54, {"#777777", "#ffffff"}: 4.48, {"#ff0000", "#ffffff"}: 4.00,
		{"#0000ff", "#ffffff"}: 8.59, {"#949494", "#ffffff"}: 3.03,
	} {
		if got := ratio(t, pair[0], pair[1]); math.Abs(got-want) > 0.005 {
			t.Errorf("%v: %.3f, want %.2f", pair, got, want)
		}
	}
}

// shown is what a stylesheet says for one of the two schemes.
type shown struct{ fill, onFill, text string }

var form = regexp.MustCompile(`^:root\{--accent:(#\w{6});--on-accent:(#\w{6});--accent-text:(#\w{6})\}\n` +
	`@media \(prefers-color-scheme:dark\)\{:root\{--accent:(#\w{6});--on-accent:(#\w{6});--accent-text:(#\w{6})\}\}\n$`)

func read(t interface{ Fatalf(string, ...any) }, l look.Look) (light, dark shown) {
	m := form.FindStringSubmatch(string(l.Stylesheet()))
	if m == nil {
		t.Fatalf("%+v: not what it should look like: %s", l, l.Stylesheet())
	}
	return shown{m[1], m[2], m[3]}, shown{m[4], m[5], m[6]}
}

// wantReadable wants what WCAG 2.2 asks for at level AA.
func wantReadable(t interface {
	Errorf(string, ...any)
	Fatalf(string, ...any)
}, l look.Look,
) {
	light, dark := read(t, l)
	for name, s := range map[string]struct {
		shown
		behind [2]string
	}{
		"light": {light, [2]string{look.LightPage, look.LightSurface}},
		"dark":  {dark, [2]string{look.DarkPage, look.DarkSurface}},
	} {
		if c := ratio(t, s.onFill, s.fill); c < 4.5 {
			t.Errorf("%s %q %q: text %s on %s: %.3f", name, l.Accent, l.AccentDark, s.onFill, s.fill, c)
		}
		for _, behind := range s.behind {
			if c := ratio(t, s.fill, behind); c < 3 {
				t.Errorf("%s %q %q: fill %s on %s: %.3f", name, l.Accent, l.AccentDark, s.fill, behind, c)
			}
			if c := ratio(t, s.text, behind); c < 4.5 {
				t.Errorf("%s %q %q: text %s on %s: %.3f", name, l.Accent, l.AccentDark, s.text, behind, c)
			}
		}
	}
}

// TestContrast of 5,000 colours that an app may have.
func TestContrast(t *testing.T) {
	colour := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("#%06x", rapid.Uint32Range(0, 0xffffff).Draw(t, "colour")) })
	rapid.Check(t, func(t *rapid.T) { // 100 times
		for _, accent := range rapid.SliceOfN(colour, 50, 50).Draw(t, "accents") {
			wantReadable(t, look.Look{Accent: accent})
		}
		wantReadable(t, look.Look{Accent: colour.Draw(t, "accent"), AccentDark: colour.Draw(t, "accent on dark pages")})
	})
}

// TestContrastAtTheEnds: the corners of what a screen shows, all greys, and our own.
func TestContrastAtTheEnds(t *testing.T) {
	wantReadable(t, look.Look{})
	for i := range 256 {
		wantReadable(t, look.Look{Accent: fmt.Sprintf("#%02x%02x%02x", i, i, i)})
	}
	for _, accent := range []string{"#f00", "#0f0", "#00f", "#ff0", "#0ff", "#f0f"} {
		wantReadable(t, look.Look{Accent: accent})
	}
}

// TestAccentStaysWhereItCan: a colour that can be seen is not touched, and one that cannot moves just
// enough.
func TestAccentStaysWhereItCan(t *testing.T) {
	for accent, want := range map[string]struct{ light, dark shown }{
		"#1971c2": {shown{"#1971c2", "#ffffff", "#1971c2"}, shown{"#1971c2", "#ffffff", "#3689db"}},
		"#e8590c": {shown{"#e8590c", "#000000", "#c64800"}, shown{"#e8590c", "#000000", "#e8590c"}},
		"#ffeb3b": {shown{"#9f9100", "#000000", "#7e7300"}, shown{"#ffeb3b", "#000000", "#ffeb3b"}},
		"#000":    {shown{"#000000", "#ffffff", "#000000"}, shown{"#696969", "#ffffff", "#868686"}},
		"#fff":    {shown{"#8f8f8f", "#000000", "#717171"}, shown{"#ffffff", "#000000", "#ffffff"}},
	} {
		light, dark := read(t, look.Look{Accent: accent})
		if light != want.light || dark != want.dark {
			t.Errorf("%s: %v and %v, want %v", accent, light, dark, want)
		}
	}
	// Nothing is moved further than it must.
	rapid.Check(t, func(t *rapid.T) {
		accent := fmt.Sprintf("#%06x", rapid.Uint32Range(0, 0xffffff).Draw(t, "colour"))
		light, dark := read(t, look.Look{Accent: accent})
		for _, c := range []struct {
			got, behind string
			least       float64
		}{
			{light.fill, look.LightSurface, 3},
			{light.text, look.LightSurface, 4.5},
			{dark.fill, look.DarkSurface, 3},
			{dark.text, look.DarkSurface, 4.5},
		} {
			if c.got != accent && ratio(t, c.got, c.behind) > c.least+0.1 {
				t.Errorf("%s became %s, with a contrast of %.2f where %.1f is enough", accent, c.got, ratio(t, c.got, c.behind), c.least)
			}
		}
	})
}

// TestDarkAccent: who gives two colours gets both.
func TestDarkAccent(t *testing.T) {
	own, ownDark := read(t, look.Look{})
	light, dark := read(t, look.Look{Accent: "#7b1fa2", AccentDark: "#ce93d8"})
	if light.fill != "#7b1fa2" || dark.fill != "#ce93d8" {
		t.Errorf("%v, %v", light, dark)
	}
	if light, dark := read(t, look.Look{AccentDark: "#ce93d8"}); light != own || dark.fill != "#ce93d8" {
		t.Errorf("only for dark pages: %v, %v", light, dark)
	}
	if light, dark := read(t, look.Look{Accent: "red;}body{display:none", AccentDark: "</style>"}); light != own || dark != ownDark {
		t.Errorf("what is no colour: %v, %v", light, dark)
	}
}
