// Package mannwhitney tells whether two samples differ, for tests of what must take equally long. It looks
// at ranks only, so that a few very slow answers of a busy machine count for no more than slow ones.
package mannwhitney

import (
	"cmp"
	"math"
	"slices"
)

// P returns the two-sided p-value of the U test: how likely two samples of one distribution are to differ
// at least as much as a and b do. It uses the normal approximation with the corrections for ties and for
// continuity, which is good for samples of twenty and more (Mann and Whitney, "On a test of whether one of
// two random variables is stochastically larger than the other", 1947).
func P[T cmp.Ordered](a, b []T) float64 {
	both := make([]ranked[T], 0, len(a)+len(b))
	for _, value := range a {
		both = append(both, ranked[T]{value, true})
	}
	for _, value := range b {
		both = append(both, ranked[T]{value, false})
	}
	slices.SortFunc(both, func(x, y ranked[T]) int { return cmp.Compare(x.value, y.value) })

	var rankSum, ties float64 // of a; Σ(t³−t) over groups of t equal values
	for i := 0; i < len(both); {
		j := i
		for j < len(both) && both[j].value == both[i].value {
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

type ranked[T any] struct {
	value T
	first bool // of the first sample
}
