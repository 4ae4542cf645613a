package main

import (
	"math"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		s       series
		q, want float64
	}{
		{series{7}, 0.25, 7},
		{series{3, 1, 2}, 0.5, 2},
		{series{4, 1, 3, 2}, 0.5, 2.5},
		{series{5, 4, 3, 2, 1}, 0.75, 4},
		{series{1, 2}, 0, 1},
		{series{1, 2}, 1, 2},
	} {
		if got := c.s.quantile(c.q); got != c.want {
			t.Errorf("quantile %v of %v is %v, want %v", c.q, c.s, got, c.want)
		}
	}
	if got := (series{}).median(); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v, want NaN", got)
	}
}

// The ratio is taken within each round: what slows down one round slows down both sides of it.
func TestOver(t *testing.T) {
	got := series{90, 45, 9}.over(series{100, 50, 10})
	if want := 0.9; got.quantile(0) != want || got.quantile(1) != want {
		t.Errorf("ratios are %v, want %v in each round", got, want)
	}
}

func TestWhole(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 999.6: "1 000", 12345: "12 345", 1e6: "1 000 000", math.Inf(1): "-",
	} {
		if got := whole(x); got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
		}
	}
}

func TestPercentile(t *testing.T) {
	all := []time.Duration{3 * time.Microsecond, time.Microsecond, 2 * time.Microsecond}
	if got := percentile(all, 0.5); got != 2 {
		t.Errorf("the middle of %v is %v µs, want 2", all, got)
	}
}
