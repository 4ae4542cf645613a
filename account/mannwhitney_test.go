package account_test

import (
	"math"
	"slices"
	"testing"
	"time"
)

// mannWhitney returns the two-sided p-value of the Mann–Whitney U test: how likely two samples of one
// distribution are to differ at least as much as a and b do. It uses the normal approximation with the
// corrections for ties and for continuity, which is good for samples of twenty and more (Mann and
// Whitney, "On a test of whether one of two random variables is stochastically larger than the
// other", 1947).
func mannWhitney(a, b []time.Duration) float64 {
	both := make([]rankedTime, 0, len(a)+len(b))
	for _, took := range a {
		both = append(both, rankedTime{took, true})
	}
	for _, took := range b {
		both = append(both, rankedTime{took, false})
	}
	slices.SortFunc(both, func(x, y rankedTime) int { return int(x.took - y.took) })

	var rankSum, ties float64 // of a; Σ(t³−t) over groups of t equal times
	for i := 0; i < len(both); {
		j := i
		for j < len(both) && both[j].took == both[i].took {
			j++
		}
		middle := float64(i+1+j) / 2 // ranks count from 1
		for _, r := range both[i:j] {
			if r.first {
				rankSum += middle
			}
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	na, nb, n := float64(len(a)), float64(len(b)), float64(len(both))
	u := rankSum - na*(na+1)/2
	variance := na * nb / 12 * (n + 1 - ties/(n*(n-1)))
	if variance == 0 { // all are equal
		return 1
	}
	z := max(0, math.Abs(u-na*nb/2)-0.5) / math.Sqrt(variance)
	return math.Erfc(z / math.Sqrt2)
}

type rankedTime struct {
	took  time.Duration
	first bool // of the first sample
}

// TestMannWhitney: the second figure is that of the documentation of scipy.stats.mannwhitneyu; the others count
// pairs instead of ranks.
func TestMannWhitney(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []time.Duration
		want float64
	}{
		{"apart", []time.Duration{1, 2, 3, 4, 5}, []time.Duration{6, 7, 8, 9, 10}, 0.012185780355344813},
		{"the other way round", []time.Duration{6, 7, 8, 9, 10}, []time.Duration{1, 2, 3, 4, 5}, 0.012185780355344813},
		{"mixed", []time.Duration{19, 22, 16, 29, 24}, []time.Duration{20, 11, 17, 12}, 0.11134688653314041},
		{"ties", []time.Duration{1, 1, 2, 2, 3}, []time.Duration{2, 3, 3, 4, 4}, 0.05241162867102868},
		{"the same", []time.Duration{1, 2, 3}, []time.Duration{1, 2, 3}, 1},
		{"all equal", []time.Duration{7, 7}, []time.Duration{7, 7, 7}, 1},
	} {
		if got := mannWhitney(c.a, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: p = %v, want %v", c.name, got, c.want)
		}
	}
}
