package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// A series is what several rounds have measured.
type series []float64

// quantile returns the value below which the fraction q of the series lies, interpolated between
// neighbours.
func (s series) quantile(q float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	at := q * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

func (s series) median() float64 { return s.quantile(0.5) }

// over returns the ratio to base, round by round.
func (s series) over(base series) series {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / base[i]
	}
	return ratios
}

// show returns the median and the quartiles, as format writes numbers.
func (s series) show(format func(float64) string) string {
	return fmt.Sprintf("%s (%s to %s)", format(s.median()), format(s.quantile(0.25)), format(s.quantile(0.75)))
}

// whole writes a number without decimals, its thousands apart.
func whole(x float64) string {
	digits := fixed(x, 0)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	return digits
}

func decimal(x float64) string { return fixed(x, 1) }
func ratio(x float64) string   { return fixed(x, 2) }

// fixed writes a dash for a number that is not known.
func fixed(x float64, decimals int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "-"
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

// percentile returns a time that the fraction q of all took at most, in microseconds. It sorts all.
func percentile(all []time.Duration, q float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	slices.Sort(all)
	return float64(all[int(q*float64(len(all)-1))]) / float64(time.Microsecond)
}
