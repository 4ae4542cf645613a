package health_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/server/health"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// get returns status and body of an answer as one text.
func get(h http.Handler) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return fmt.Sprintf("%d %s", w.Code, strings.TrimSpace(w.Body.String()))
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// faulty is a check that fails when it is told to.
type faulty struct {
	err   atomic.Pointer[error]
	calls atomic.Int32
}

func (f *faulty) check(context.Context) error {
	f.calls.Add(1)
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}

const ready = `200 {"status":"ready"}`

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store, hashing faulty
		h := health.New(health.Check{Name: "store", Do: store.check}, health.Check{Name: "hashing", Do: hashing.check})
		var reports []string
		h.Report = func(_ context.Context, check string, err error) {
			reports = append(reports, fmt.Sprint(check, ": ", err))
		}
		want(t, "all is well", get(h.Ready()), ready)

		broken := errors.New("dial postgres://user:password@db")
		store.err.Store(&broken)
		want(t, "within a second", get(h.Ready()), ready)
		for range 2 {
			time.Sleep(time.Second)
			want(t, "store down", get(h.Ready()), `503 {"status":"unavailable","failed":["store"]}`)
			want(t, "alive all the same", get(h.Live()), "200 ok")
		}
		store.err.Store(nil)
		time.Sleep(time.Second)
		want(t, "back", get(h.Ready()), ready)
		want(t, "reports", strings.Join(reports, "\n"), "store: "+broken.Error()+"\nstore: <nil>")

		h.Drain()
		want(t, "stopping", get(h.Ready()), `503 {"status":"stopping"}`)
		want(t, "alive to the end", get(h.Live()), "200 ok")
	})
}

// TestManyAskAtOnce: whoever asks, and however often, the checks run once in a second.
func TestManyAskAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store faulty
		h := health.New(health.Check{Name: "store", Do: func(ctx context.Context) error {
			time.Sleep(500 * time.Millisecond)
			return store.check(ctx)
		}})
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { want(t, "at once", get(h.Ready()), ready) })
		}
		all.Wait()
		if n := store.calls.Load(); n != 1 {
			t.Errorf("%d checks for 100 requests", n)
		}
		time.Sleep(time.Second)
		want(t, "later", get(h.Ready()), ready)
		if n := store.calls.Load(); n != 2 {
			t.Errorf("%d checks in two seconds", n)
		}
	})
}

// TestStuckCheck: a check that hangs fails after a second, holds up nobody, and piles up nothing.
func TestStuckCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		release := make(chan struct{})
		h := health.New(health.Check{Name: "disk", Do: func(context.Context) error { // without a look at the context
			calls.Add(1)
			<-release
			return nil
		}}, health.Check{Name: "store", Do: func(context.Context) error { panic("bug") }})
		began := time.Now()
		for range 5 {
			want(t, "stuck", get(h.Ready()), `503 {"status":"unavailable","failed":["disk","store"]}`)
			time.Sleep(time.Second)
		}
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("five requests took %v", took)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("the check was called %d times while it hung", n)
		}
		close(release)
		synctest.Wait()
		want(t, "free again", get(h.Ready()), `503 {"status":"unavailable","failed":["store"]}`)
	})
}

// TestGivingUp: a caller who is gone does not spoil the result for the others, and gets no 200.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store faulty
		h := health.New(health.Check{Name: "store", Do: func(ctx context.Context) error {
			select {
			case <-time.After(500 * time.Millisecond):
				return store.check(ctx)
			case <-ctx.Done():
				return ctx.Err()
			}
		}})
		ctx, cancel := context.WithCancel(t.Context())
		w := httptest.NewRecorder()
		var all sync.WaitGroup
		all.Go(func() { h.Ready().ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx)) })
		synctest.Wait()
		all.Go(func() { want(t, "another one", get(h.Ready()), ready) })
		cancel()
		all.Wait()
		if w.Code == http.StatusOK {
			t.Error("who has left was told that all is well")
		}
		if n := store.calls.Load(); n != 1 {
			t.Errorf("%d checks", n)
		}
	})
}
