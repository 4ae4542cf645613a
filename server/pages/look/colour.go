package look

import (
	"encoding/hex"
	"fmt"
	"math"
)

// A colour is one of sRGB, as screens have it.
type colour struct{ r, g, b uint8 }

var (
	black = colour{0, 0, 0}
	white = colour{255, 255, 255}
)

// parseColour reads #rgb and #rrggbb.
func parseColour(text string) (c colour, ok bool) {
	if len(text) == len("#rgb") {
		text = string([]byte{text[0], text[1], text[1], text[2], text[2], text[3], text[3]})
	}
	if len(text) != len("#rrggbb") || text[0] != '#' {
		return colour{}, false
	}
	part, err := hex.DecodeString(text[1:])
	if err != nil {
		return colour{}, false
	}
	return colour{part[0], part[1], part[2]}, true
}

// String returns c as CSS has it.
func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// linear returns how much light a channel gives, from 0 to 1 (IEC 61966-2-1).
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// channelOf is the inverse of linear.
func channelOf(light float64) uint8 {
	v := 12.92 * light
	if light > 0.0031308 {
		v = 1.055*math.Pow(light, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * min(max(v, 0), 1)))
}

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
