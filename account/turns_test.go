package account_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp/throttle"
)

// TestRightPairsAtOnce: a program that sends many requests at once with the right pair does not seem to guess;
// one that sends a wrong pair does.
func TestRightPairsAtOnce(t *testing.T) {
	people, _, _ := newHangingUp(t)
	people.BasicMemory, people.Notify = time.Minute, nil
	addUser(t, people, bobsEmail, "user")
	basic := people.Basic("")
	ask := func(password string) (right, refused int64) {
		var rights, refusals atomic.Int64
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
				r.SetBasicAuth(bobsEmail, password)
				switch _, err := basic.Authenticate(r); {
				case err == nil:
					rights.Add(1)
				case errors.Is(err, throttle.ErrRefused):
					refusals.Add(1)
				}
			})
		}
		all.Wait()
		return rights.Load(), refusals.Load()
	}
	if right, refused := ask(bobsPassword); right != 40 || refused != 0 {
		t.Errorf("right pair: %d let in, %d refused", right, refused)
	}
	if right, refused := ask("wrong"); right != 0 || refused != 35 {
		t.Errorf("wrong pair: %d let in, %d refused", right, refused)
	}
}
