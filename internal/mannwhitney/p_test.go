package mannwhitney_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/handstamp/handstamp/internal/mannwhitney"
)

// TestP: the third figure is that of the documentation of scipy.stats.mannwhitneyu; the others count pairs
// instead of ranks.
func TestP(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float64
		want float64
	}{
		{"apart", []float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}, 0.012185780355344813},
		{"the other way round", []float64{6, 7, 8, 9, 10}, []float64{1, 2, 3, 4, 5}, 0.012185780355344813},
		{"mixed", []float64{19, 22, 16, 29, 24}, []float64{20, 11, 17, 12}, 0.11134688653314041},
		{"ties", []float64{1, 1, 2, 2, 3}, []float64{2, 3, 3, 4, 4}, 0.05241162867102868},
		{"the same", []float64{1, 2, 3}, []float64{1, 2, 3}, 1},
		{"all equal", []float64{7, 7}, []float64{7, 7, 7}, 1},
	} {
		if got := mannwhitney.P(c.a, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: p = %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPOfSamples: a difference is seen, and where there is none, there is seldom one to be seen.
func TestPOfSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, shift float64) (sample []float64) {
		for range n {
			sample = append(sample, math.Exp(random.NormFloat64()/5)+shift)
		}
		return sample
	}
	const draws = 2000
	seen := 0
	for range draws {
		if mannwhitney.P(draw(50, 0), draw(50, 0)) < 0.01 {
			seen++
		}
	}
	if seen < draws/300 || seen > draws/50 {
		t.Errorf("where there is no difference, %d of %d are seen", seen, draws)
	}
	if got := mannwhitney.P(draw(50, 0), draw(50, 0.3)); got > 1e-6 {
		t.Errorf("a difference of a third: %g", got)
	}
}
