package look

import (
	"fmt"
)

// What the pages' own stylesheet puts behind things, and on which accents have to be seen: the page
// itself, and the surfaces on it.
const (
	LightPage    = "#ffffff"
	LightSurface = "#f6f7f9"
	DarkPage     = "#14161a"
	DarkSurface  = "#1c1f25"
)

// Our own accents: a deep blue-green, as calm as blue and not every other page's blue; on dark pages the
// same hue, lighter.
const (
	ownAccent     = "#0b6470"
	ownAccentDark = "#57b8c5"
)

// Contrast that WCAG 2.2 asks for at level AA: of text (1.4.3), and of what tells where a control is
// (1.4.11).
const (
	textContrast = 4.5
	fillContrast = 3
)

// A scheme is what is behind accents, and where they have to move to be seen better, in the end.
type scheme struct {
	behind []colour
	end    colour
}

var (
	light = scheme{behind: colours(LightPage, LightSurface), end: black}
	dark  = scheme{behind: colours(DarkPage, DarkSurface), end: white}
)

// Stylesheet returns a small stylesheet with the accent for light and dark pages:
//
//	--accent       the fill of what can be pressed
//	--on-accent    text on that
//	--accent-text  the accent as text, or as the ring around what has the focus, on what is behind
//
// Each keeps the contrast that WCAG 2.2 asks for at level AA. A colour that cannot is made darker on
// light pages, and lighter on dark ones, until it does; its hue stays. Colours that [Look.Check] refuses
// count as not set.
func (l Look) Stylesheet() []byte {
	accent, isSet := parseColour(l.Accent)
	if !isSet {
		accent, _ = parseColour(ownAccent)
	}
	accentDark, isSetDark := parseColour(l.AccentDark)
	switch {
	case isSetDark:
	case isSet:
		accentDark = accent
	default:
		accentDark, _ = parseColour(ownAccentDark)
	}
	return fmt.Appendf(nil, ":root{%s}\n@media (prefers-color-scheme:dark){:root{%s}}\n",
		light.variables(accent), dark.variables(accentDark))
}

func (s scheme) variables(accent colour) string {
	fill := s.seen(accent, fillContrast)
	return fmt.Sprintf("--accent:%s;--on-accent:%s;--accent-text:%s", fill, textOn(fill), s.seen(accent, textContrast))
}

// seen returns c, or the colour next to it in lightness that has so much contrast with all that is
// behind it.
func (s scheme) seen(c colour, least float64) colour {
	if s.holds(c, least) {
		return c
	}
	at := c.oklch()
	near, far, found := at.lightness, s.end.oklch().lightness, s.end
	for range 12 { // which is finer than an eye
		at.lightness = (near + far) / 2
		if moved := at.colour(); s.holds(moved, least) {
			far, found = at.lightness, moved
		} else {
			near = at.lightness
		}
	}
	return found
}

func (s scheme) holds(c colour, least float64) bool {
	for _, behind := range s.behind {
		if contrast(c, behind) < least {
			return false
		}
	}
	return true
}

// textOn returns white, or black where white could not be read. One of the two always can: their
// contrasts with any colour make 21 when multiplied, which is more than 4.5 times 4.5.
func textOn(fill colour) colour {
	if contrast(white, fill) >= textContrast {
		return white
	}
	return black
}

func colours(texts ...string) []colour {
	var all []colour
	for _, text := range texts {
		c, ok := parseColour(text)
		if !ok {
			panic("look: " + text)
		}
		all = append(all, c)
	}
	return all
}
