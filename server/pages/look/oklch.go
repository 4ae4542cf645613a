package look

import "math"

// An oklch is a colour by lightness, chroma and hue as people see them (CSS Color 4, section 9.2): what
// is only made lighter or darker stays the same colour to the eye, which HSL does not give.
type oklch struct{ lightness, chroma, hue float64 }

// The matrices are those of CSS Color 4, section 18.
func (c colour) oklch() oklch {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return oklch{
		lightness: 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		chroma:    math.Hypot(x, y),
		hue:       math.Atan2(y, x),
	}
}

// light returns the linear light of the channels. Outside of 0 to 1 no screen can show it.
func (c oklch) light() [3]float64 {
	y, x := math.Sincos(c.hue)
	x, y = x*c.chroma, y*c.chroma
	cube := func(v float64) float64 { return v * v * v }
	l := cube(c.lightness + 0.3963377774*x + 0.2158037573*y)
	m := cube(c.lightness - 0.1055613458*x - 0.0638541728*y)
	s := cube(c.lightness - 0.0894841775*x - 1.2914855480*y)
	return [3]float64{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

func (c oklch) canBeShown() bool {
	const slack = 1e-4 // less than half a step of a channel
	for _, v := range c.light() {
		if v < -slack || v > 1+slack {
			return false
		}
	}
	return true
}

// colour returns the most colourful colour of this lightness and hue that a screen can show, up to c's
// own chroma.
func (c oklch) colour() colour {
	if !c.canBeShown() {
		low, high := 0.0, c.chroma
		for range 12 { // which is finer than a channel
			c.chroma = (low + high) / 2
			if c.canBeShown() {
				low = c.chroma
			} else {
				high = c.chroma
			}
		}
		c.chroma = low
	}
	v := c.light()
	return colour{channelOf(v[0]), channelOf(v[1]), channelOf(v[2])}
}
