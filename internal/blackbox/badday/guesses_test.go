package badday_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// burst is how many wrong passwords an account takes in these tests.
const burst = 7

// oneAccount lets nothing but the limit of an account refuse.
var oneAccount = settings{
	"THROTTLE_ACCOUNT_BURST": fmt.Sprint(burst), "THROTTLE_ADDRESS_BURST": "100000",
	"THROTTLE_NETWORK_BURST": "100000", "THROTTLE_STRANGERS_BURST": "100000",
}

// noLimits lets every attempt have its password looked at.
var noLimits = settings{
	"HASH_WAIT":              "1s", // so that all who can have their turn in a short test, and the others hear it
	"THROTTLE_ACCOUNT_BURST": "1000000", "THROTTLE_ADDRESS_BURST": "1000000",
	"THROTTLE_NETWORK_BURST": "1000000", "THROTTLE_STRANGERS_BURST": "1000000",
}

// allowed is how many guesses an account takes within a time: what comes at once, and one more after
// 10 s, 20 s, 40 s and so on.
func allowed(within time.Duration) int {
	n := burst
	for wait, at := 20*time.Second, 10*time.Second; at <= within; wait, at = 2*wait, at+wait {
		n++
	}
	return n
}

// A tally is what became of guesses.
type tally struct{ judged, refused, lost int }

// guess sends n wrong passwords at once and counts the answers. Each has to be a 401, or a 429 that
// says when to come back; where the server is killed meanwhile, there may be none.
func (s *server) guess(n int, door func(i int) call, mayDie bool, heard func(judged int)) tally {
	s.t.Helper()
	var judged, refused, lost atomic.Int64
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			a := s.do(door(i))
			switch {
			case a.err != nil && mayDie:
				lost.Add(1)
				return
			case a.status == http.StatusUnauthorized && strings.Contains(a.body, `"credential_refused"`):
				so := judged.Add(1)
				if heard != nil {
					heard(int(so))
				}
			case a.status == http.StatusTooManyRequests && strings.Contains(a.body, `"too_many_attempts"`):
				refused.Add(1)
				if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 {
					s.t.Errorf("429 with Retry-After %q", a.header.Get("Retry-After"))
				}
			default:
				s.t.Errorf("a guess: %d %s %v", a.status, a.body, a.err)
			}
		})
	}
	all.Wait()
	return tally{int(judged.Load()), int(refused.Load()), int(lost.Load())}
}

// doors are the ways in which bob's password can be guessed.
var doors = map[string]func(i int) call{
	"login": func(i int) call { return loginCall(bob.email, fmt.Sprint("a wrong guess ", i)) },
	"Basic": func(i int) call { return basicCall(bob.email, fmt.Sprint("a wrong guess ", i)) },
	"both, and all spellings": func(i int) call {
		spellings := []string{bob.email, strings.ToUpper(bob.email), "Bob@Example.com", "bob@EXAMPLE.com"}
		email := spellings[i/2%len(spellings)]
		if i%2 == 0 {
			return loginCall(email, fmt.Sprint("a wrong guess ", i))
		}
		return basicCall(email, fmt.Sprint("a wrong guess ", i))
	},
}

// TestGuessesAtOnce: 500 at once get exactly as far as 500 in a row, and a server that is killed has
// forgotten none. Whoever is on a known device gets in all the same.
func TestGuessesAtOnce(t *testing.T) {
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary := must[string](t, "build")(checked())
			s := serve(t, binary, newData(t, binary), oneAccount)
			_, device := s.login(bob)

			began := time.Now()
			first := s.guess(3, door, false, nil)
			if first.judged != 3 {
				t.Errorf("of the first 3: %+v", first)
			}
			s.kill()
			s.start()
			second := s.guess(500, door, false, nil)
			s.kill()
			s.start()
			third := s.guess(50, door, false, nil)
			took := time.Since(began)

			total := first.judged + second.judged + third.judged
			// Exactly so many, unless the machine was so slow that there was time for more.
			if least, most := burst, allowed(took); total < least || total > most {
				t.Errorf("%d guesses were judged in %v, want %d to %d: %+v, %+v, %+v", total, took, least, most, first, second, third)
			}
			t.Logf("%d of 553 guesses were judged in %v", total, took.Round(time.Millisecond))

			s.ask(loginCall(bob.email, bob.password), http.StatusTooManyRequests) // a stranger, even with the password
			known := loginCall(bob.email, bob.password)
			known.cookie = device
			s.ask(known, http.StatusOK)
			s.ask(loginCall(eve.email, eve.password), http.StatusOK)
		})
	}
}

// TestKilledAmongGuesses: guesses that were under way when the server was killed count, too, whether or not
// their answers got out.
func TestKilledAmongGuesses(t *testing.T) {
	t.Parallel()
	binary := must[string](t, "build")(checked())
	s := serve(t, binary, newData(t, binary), oneAccount)
	door := doors["both, and all spellings"]
	began := time.Now()
	first := s.guess(500, door, true, func(judged int) {
		if judged == 2 { // others are being hashed
			_ = s.cmd.Process.Kill()
		}
	})
	<-s.exited
	s.start()
	second := s.guess(200, door, false, nil)
	took := time.Since(began)
	if first.lost == 0 {
		t.Error("the server was killed too late to mean anything")
	}
	total := first.judged + second.judged
	if least, most := burst-min(burst, first.lost), allowed(took); total < least || total > most {
		t.Errorf("%d guesses were judged in %v, want %d to %d: %+v, %+v", total, took, least, most, first, second)
	}
	t.Logf("killed after 2 of 500 were judged: %+v, then %+v, in %v", first, second, took.Round(time.Millisecond))
}
