package badday_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a flood is made of. The benchmark (bench/servedflood.go) has more of it, and strict bounds.
const (
	floodClients = 500
	floodTurn    = 1500 * time.Millisecond
	floodTurns   = 2
	lenient      = 3 * time.Second // for a check, whatever else this machine does
	floodRSS     = 64 << 10        // KiB, beside the memory of the hashes
)

// TestFlood: while 500 clients want to sign in, with good passwords and junk, those who are signed in
// go on, memory stays bounded, and whoever is turned away hears when to come back.
func TestFlood(t *testing.T) {
	binary := must[string](t, "build")(plain())
	s := serve(t, binary, newData(t, binary), noLimits)
	session, _ := s.login(ada)
	var idle, flooded []time.Duration
	counts := map[int]int{}
	for range floodTurns {
		idle = append(idle, s.check(session, floodTurn)...)
		ctx, stop := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		var mu sync.Mutex
		for i := range floodClients {
			clients.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					if status := s.floodOnce(ctx, i, n); status != 0 {
						mu.Lock()
						counts[status]++
						mu.Unlock()
					}
				}
			})
		}
		flooded = append(flooded, s.check(session, floodTurn)...)
		stop()
		clients.Wait()
	}
	for status := range counts {
		if !slices.Contains([]int{200, 401, 429, 503}, status) {
			t.Errorf("in a flood, %d answers of status %d", counts[status], status)
		}
	}
	if counts[http.StatusOK] == 0 || counts[http.StatusUnauthorized] == 0 {
		t.Errorf("nobody got through: %v", counts)
	}
	if p99 := percentile(flooded, 0.99); p99 > lenient {
		t.Errorf("a check takes %v in a flood (99 %%)", p99)
	}
	// The hashes are computed elsewhere, one on each processor; it would be within bounds to have them here.
	workers := childrenOf(t, s.cmd.Process.Pid)
	own := peak(t, s.cmd.Process.Pid)
	if most := floodRSS + 19456*max(1, len(workers)); own > most {
		t.Errorf("the server has taken %d KiB of memory, want %d at most", own, most)
	}
	t.Logf("answers by status: %v; checks p50 %v, p99 %v, idle p50 %v, p99 %v; server %d MiB", counts,
		percentile(flooded, 0.5), percentile(flooded, 0.99), percentile(idle, 0.5), percentile(idle, 0.99), own>>10)
	for _, worker := range workers {
		t.Logf("worker %d: %d MiB", worker, peak(t, worker)>>10)
	}
}

// floodOnce is one login, good or not, and returns the status of the answer, or 0 when ctx was done first.
func (s *server) floodOnce(ctx context.Context, client, n int) int {
	c := loginCall(fmt.Sprintf("nobody%d.%d@example.com", client, n), "a guess at random")
	switch client % 4 {
	case 0:
		c = loginCall(bob.email, bob.password)
	case 1:
		c = loginCall(eve.email, "not eve's pass phrase")
	case 2:
		c = basicCall(fmt.Sprintf("nobody%d.%d@example.com", client, n), "another guess")
	}
	c.from = fmt.Sprintf("198.51.%d.%d", client/250, client%250)
	a := s.doUntil(ctx, c)
	if a.err != nil {
		if ctx.Err() == nil {
			s.t.Errorf("in a flood: %v", a.err)
		}
		return 0
	}
	isRefusal := a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable
	if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); isRefusal && (err != nil || seconds < 1) {
		s.t.Errorf("%d with Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	return a.status
}

// check asks again and again who is signed in, and returns how long the answers took.
func (s *server) check(cookie string, during time.Duration) (took []time.Duration) {
	s.t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for until := time.Now().Add(during); time.Now().Before(until); {
		<-ticker.C
		began := time.Now()
		s.ask(call{path: pathMe, cookie: cookie}, http.StatusOK)
		took = append(took, time.Since(began))
	}
	return took
}

func percentile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[int(q*float64(len(all)-1))]
}

// peak returns the most memory that a process has had in use, in KiB (proc_pid_status(5), VmHWM).
func peak(t testing.TB, pid int) (kib int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nVmHWM:")
	if _, err := fmt.Sscanf(rest, "%d kB", &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

// childrenOf returns the processes that a process has started.
func childrenOf(t testing.TB, pid int) (children []int) {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name())) // a thread may end
		for _, field := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			children = append(children, child)
		}
	}
	return children
}
