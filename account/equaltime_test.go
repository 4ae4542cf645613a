package account_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/mannwhitney"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/throttle"
)

// samplesVariable is how many samples each run of a test of time takes, and makes it three runs in any
// case: a thorough look takes 2000 and more for each kind of guess.
const samplesVariable = "HANDSTAMP_TIMING_SAMPLES"

// wide lets pass whatever these tests do.
var wide = throttle.Limit{Burst: 1_000_000, Every: time.Millisecond, Max: time.Millisecond}

// newDoor returns a Directory with all that serve puts around it, on a disk, and hashes that take a few
// milliseconds.
func newDoor(t *testing.T, account throttle.Limit) (*account.Directory, *sqlstore.Store) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.OpenSQLite(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(); db.Close() })
	people := newPeople(t, store.Users())
	people.Audit = store.Audit(newChain())
	people.Passwords = &password.Hasher{Params: password.Params{MemoryKiB: 4 << 10, Passes: 1, Lanes: 1}}
	limits := throttle.Limits{Account: account, Address: wide, Network: wide, Strangers: wide}
	if people.Limits, err = throttle.New(store.Throttle(), make([]byte, 32), limits); err != nil {
		t.Fatal(err)
	}
	if people.Devices, err = throttle.NewDevices(make([]byte, 32)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(people.Limits.Close)
	return people, store
}

// A guess is one kind of pair that does not sign in, with several accounts of which it is one.
type guess struct {
	kind, plain string
	emails      []string
}

// guessesAt fills store with users of each kind, and returns what somebody may try.
func guessesAt(t *testing.T, people *account.Directory, store account.Store) []guess {
	t.Helper()
	hashOf := func(p password.Params) string {
		hash, err := (&password.Hasher{Params: p}).Hash(t.Context(), bobsPassword)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	const wrong = "H0lbertonSchool99!"
	current := hashOf(people.Passwords.Params)
	// As much work as the current one together with what is added for a wrong password, and less time.
	old := hashOf(password.Params{MemoryKiB: 512, Passes: 4, Lanes: 1})
	var all []guess
	for _, k := range []struct {
		kind, plain, hash string
		known, disabled   bool
	}{
		{"unknown user", wrong, "", false, false},
		{"wrong password", wrong, current, true, false},
		{"disabled, right", bobsPassword, current, true, true},
		{"disabled, wrong", wrong, current, true, true},
		{"SHA-256, wrong", wrong, sha256Hex(bobsPassword), true, false},
		{"old cost, wrong", wrong, old, true, false},
		{"old cost, disabled, right", bobsPassword, old, true, true},
	} {
		g := guess{kind: k.kind, plain: k.plain}
		for range 20 {
			email := fmt.Sprintf("u%016x@example.com", rand.Uint64())
			g.emails = append(g.emails, email)
			if !k.known {
				continue
			}
			u := importUser(t, store, email, k.hash)
			if _, err := people.Edit(t.Context(), u.ID, account.Edit{Disabled: &k.disabled}); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, g)
	}
	return all
}

// timesOf makes every kind of guess so often, each time in another order, from so many clients at once, and
// returns how long each answer took. All answers must be of one class.
func timesOf(t *testing.T, people *account.Directory, all []guess, rounds, clients int, class error) map[string][]time.Duration {
	t.Helper()
	const warmUp = 10
	var mu sync.Mutex
	took := make(map[string][]time.Duration)
	var clientsDone sync.WaitGroup
	for range clients {
		clientsDone.Go(func() {
			order := slices.Clone(all)
			for round := range warmUp + rounds/clients {
				rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				for _, g := range order {
					email := g.emails[rand.IntN(len(g.emails))]
					begun := time.Now()
					_, err := people.Authenticate(t.Context(), email, g.plain)
					d := time.Since(begun)
					if !errors.Is(err, class) {
						t.Errorf("%s: %v, want %v", g.kind, err, class)
						return
					}
					if round >= warmUp {
						mu.Lock()
						took[g.kind] = append(took[g.kind], d)
						mu.Unlock()
					}
				}
			}
		})
	}
	clientsDone.Wait()
	return took
}

// wantAlike fails if two kinds of guesses can be told apart by their times, in three runs of three. One
// of a hundred pairs that do not differ seems to in a single run; there is no second run where no pair
// does.
func wantAlike(t *testing.T, all []guess, run func() map[string][]time.Duration) {
	t.Helper()
	type two [2]string
	apart := make(map[two]int)
	for n := range 3 {
		took := run()
		if t.Failed() {
			return
		}
		differs := false
		for i, a := range all {
			sorted := slices.Sorted(slices.Values(took[a.kind]))
			line := fmt.Sprintf("run %d: %-26s n %d  quartiles %v %v %v  p:", n+1, a.kind, len(sorted),
				sorted[len(sorted)/4], sorted[len(sorted)/2], sorted[len(sorted)*3/4])
			for _, b := range all[:i] {
				p := mannwhitney.P(took[a.kind], took[b.kind])
				line += fmt.Sprintf(" %.3f", p)
				if p <= 0.01 {
					apart[two{a.kind, b.kind}]++
				}
				differs = differs || apart[two{a.kind, b.kind}] == n+1
			}
			t.Log(line)
		}
		if !differs && os.Getenv(samplesVariable) == "" {
			return
		}
	}
	for pair, runs := range apart {
		if runs == 3 {
			t.Errorf("%s: told apart by time in three runs of three", strings.Join(pair[:], " and "))
		}
	}
}

// rounds returns how often each kind of guess is made in a run of so many samples.
func rounds(t *testing.T, kinds, samples int) int {
	t.Helper()
	if text := os.Getenv(samplesVariable); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		samples = n
	}
	if testing.Short() || isRaceEnabled { // the detector makes the store ten times as slow
		samples /= 5
	}
	return samples/kinds + 1
}

// TestRefusalsTakeTheSameTime: unknown, wrong, disabled or old, nobody can tell by the clock.
func TestRefusalsTakeTheSameTime(t *testing.T) {
	people, store := newDoor(t, wide)
	all := guessesAt(t, people, store.Users())
	n := rounds(t, len(all), 2000)
	wantAlike(t, all, func() map[string][]time.Duration {
		return timesOf(t, people, all, n, 4, handstamp.ErrBadCredential)
	})
}

// TestThrottledTakeTheSameTime: neither can those whose attempts are refused before a password is looked
// at, where there is no hash to hide anything.
func TestThrottledTakeTheSameTime(t *testing.T) {
	people, store := newDoor(t, throttle.Limit{Burst: 1, Every: 100 * time.Hour})
	all := guessesAt(t, people, store.Users())
	var each []guess
	for _, g := range all {
		for _, email := range g.emails {
			each = append(each, guess{g.kind, g.plain, []string{email}})
		}
	}
	// In any order: those who were charged first have their buckets on other pages of the database.
	rand.Shuffle(len(each), func(i, j int) { each[i], each[j] = each[j], each[i] })
	for _, g := range each {
		if _, err := people.Authenticate(t.Context(), g.emails[0], g.plain); !errors.Is(err, handstamp.ErrBadCredential) {
			t.Fatal(err)
		}
	}
	n := rounds(t, len(all), 10_000)
	wantAlike(t, all, func() map[string][]time.Duration {
		return timesOf(t, people, all, n, 1, throttle.ErrRefused)
	})
}
