package badday_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/mannwhitney"
)

var equalWorkSamples = flag.Int("equalwork.samples", 30, "logins of each kind in a run of TestEqualWork")

const (
	// fewEnough is how often an account is tried, so that it is not shut.
	fewEnough = 90
	// equalWorkRuns is in how many runs two kinds have to differ to be told apart, each time with a
	// probability of less than equalWorkChance that it is chance.
	equalWorkRuns   = 3
	equalWorkChance = 0.01
)

// refusals are the kinds of logins that are refused: for each an account, and what is typed. Nobody may
// see which it was.
var refusals = map[string]struct {
	account  func(email string) *listed // nil for none
	password string
}{
	"nobody": {func(string) *listed { return nil }, bob.password},
	"a wrong password": {func(email string) *listed {
		return &listed{Email: email, Role: "user", Hash: hashOf(bob.password)}
	}, "not bob's pass phrase"},
	"disabled, the right password": {func(email string) *listed {
		return &listed{Email: email, Role: "user", Hash: hashOf(bob.password), Disabled: true}
	}, bob.password},
	"disabled, a wrong password": {func(email string) *listed {
		return &listed{Email: email, Role: "user", Hash: hashOf(bob.password), Disabled: true}
	}, "not bob's pass phrase"},
	"a wrong password of an imported user": {func(email string) *listed {
		sum := sha256.Sum256([]byte(bob.password))
		return &listed{Email: email, Role: "user", Hash: hex.EncodeToString(sum[:])}
	}, "not bob's pass phrase"},
}

// TestEqualWork: whatever is wrong with a login, the answer is the same to the byte, and takes as long.
func TestEqualWork(t *testing.T) {
	t.Parallel()
	binary := must[string](t, "build")(plain())
	kinds := slices.Sorted(maps.Keys(refusals))
	accounts := *equalWorkSamples*equalWorkRuns/fewEnough + 1
	emailOf := func(kind string, i int) string {
		// All of one length, as the answer must not depend on that either.
		return fmt.Sprintf("person%d.%05d@example.com", slices.Index(kinds, kind), i%accounts)
	}
	var people []listed
	for kind, refusal := range refusals {
		for i := range accounts {
			if u := refusal.account(emailOf(kind, i)); u != nil {
				people = append(people, *u)
			}
		}
	}
	s := serve(t, binary, newData(t, binary, people...), noLimits.with(settings{"HASH_WAIT": "20s"}))

	var first string // what all answer
	n := 0
	sample := func() map[string][]float64 {
		took := make(map[string][]float64)
		for range *equalWorkSamples {
			order := slices.Clone(kinds)
			rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, kind := range order {
				c := loginCall(emailOf(kind, n), refusals[kind].password)
				began := time.Now()
				a := s.do(c)
				took[kind] = append(took[kind], time.Since(began).Seconds())
				a.header.Del("Date")
				if got := fmt.Sprint(a.status, a.header, a.body, a.err); first == "" {
					first = got
				} else if got != first {
					t.Fatalf("%s answers\n%s\nand others\n%s", kind, got, first)
				}
			}
			n++
		}
		return took
	}

	var differing []string
	for run := range equalWorkRuns {
		took := sample()
		var differ []string
		for i, a := range kinds {
			for _, b := range kinds[i+1:] {
				pair, chance := a+" and "+b, mannwhitney.P(took[a], took[b])
				if chance < equalWorkChance && (run == 0 || slices.Contains(differing, pair)) {
					differ = append(differ, pair)
					t.Logf("run %d: %s differ (p = %.2g): medians %.2f and %.2f ms", run+1, pair, chance, 1000*median(took[a]), 1000*median(took[b]))
				}
			}
		}
		if differing = differ; len(differing) == 0 {
			break
		}
	}
	if len(differing) > 0 {
		t.Errorf("can be told apart by how long they take: %s", strings.Join(differing, "; "))
	}
	if !strings.HasPrefix(first, "401") {
		t.Errorf("all answer %s", first)
	}
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
