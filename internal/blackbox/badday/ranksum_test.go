package badday_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// rankSum returns how probable it is that two samples of the same distribution differ as much as a and b
// do (Mann and Whitney's U, two-sided, by its normal approximation with a correction for ties). It looks
// at ranks only, so that a few very slow answers of a busy machine count for no more than slow ones.
func rankSum(a, b []float64) float64 {
	type value struct {
		of    float64
		isOfA bool
	}
	var all []value
	for _, of := range a {
		all = append(all, value{of, true})
	}
	for _, of := range b {
		all = append(all, value{of, false})
	}
	slices.SortFunc(all, func(x, y value) int {
		switch {
		case x.of < y.of:
			return -1
		case x.of > y.of:
			return 1
		}
		return 0
	})
	na, nb, n := float64(len(a)), float64(len(b)), float64(len(all))
	sum, ties := 0.0, 0.0
	for i := 0; i < len(all); {
		end := i
		for end < len(all) && all[end].of == all[i].of {
			end++
		}
		same := float64(end - i)
		ties += same*same*same - same
		for _, v := range all[i:end] {
			if v.isOfA {
				sum += float64(i) + (same+1)/2 // the mean of their ranks
			}
		}
		i = end
	}
	u := sum - na*(na+1)/2
	variance := na * nb / 12 * (n + 1 - ties/(n*(n-1)))
	if variance == 0 {
		return 1
	}
	z := max(0, math.Abs(u-na*nb/2)-0.5) / math.Sqrt(variance)
	return math.Erfc(z / math.Sqrt2)
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// TestRankSum: a difference is seen, and where there is none, there is seldom one to be seen.
func TestRankSum(t *testing.T) {
	// U is 6, of a mean of 15 and a variance of 30: z = (9 - 0.5) / 5.477.
	if got := rankSum([]float64{1.1, 2.2, 3.3, 4.4, 5.5}, []float64{2.3, 3.4, 4.5, 5.6, 6.7, 7.8}); math.Abs(got-0.1207) > 0.0005 {
		t.Errorf("got %.4f", got)
	}
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
		if rankSum(draw(50, 0), draw(50, 0)) < 0.01 {
			seen++
		}
	}
	if seen < draws/300 || seen > draws/50 {
		t.Errorf("where there is no difference, %d of %d are seen", seen, draws)
	}
	if got := rankSum(draw(50, 0), draw(50, 0.3)); got > 1e-6 {
		t.Errorf("a difference of a third: %g", got)
	}
}
