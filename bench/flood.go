package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp/password"
)

const (
	// floodClients is how many want to log in at once.
	floodClients = 500
	// retryAfter is what a client that was told 503 waits, as the answer's Retry-After says.
	retryAfter = time.Second
	// checkers and checkPause make a few hundred checks a second: users who are signed in, and
	// not a load by themselves.
	checkers   = 2
	checkPause = 4 * time.Millisecond
)

// A flooded server is one that is measured with and without logins beside its checks.
type flooded struct {
	*child
	size        int             // of the answer to a check
	idle, flood []time.Duration // what checks took
	done, busy  series          // logins a second, and those that were refused
}

// floods measures what a session check costs while very many log in.
func (b *bench) floods(ctx context.Context) (err error) {
	hash, err := new(password.Hasher).Hash(ctx, loginPassword)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	var servers []*flooded
	for i, name := range []string{localServer, workerServer} {
		s, err := b.startFlooded(ctx, name, fmt.Sprintf("flood%d", i), hash)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		servers = append(servers, s)
	}
	for range max(1, b.effort.rounds/2) {
		for _, s := range servers {
			if err := s.measure(ctx, b.effort.turn); err != nil {
				return err
			}
		}
	}

	t := b.table("Flood: GET /users/me by cookie while 500 clients log in",
		fmt.Sprintf("%d checks a second, at most, over loopback; who is refused a login (503) asks again after %v. The load generator\n"+
			"shares the processors. Memory is the most that was resident, the workers' that of the largest.",
			int(checkers*time.Second/checkPause), retryAfter),
		"hashes are computed", "logins/s", "refused/s", "idle p50 µs", "p99", "in flood p50 µs", "p99", "server MiB", "worker MiB")
	for _, s := range servers {
		pid := strconv.Itoa(s.command.Process.Pid)
		largest := math.NaN()
		for i, worker := range childrenOf(pid) {
			if peak := peakOf(worker); i == 0 || peak > largest {
				largest = peak
			}
		}
		t.row(s.name, s.done.show(whole), s.busy.show(whole),
			whole(percentile(s.idle, 0.5)), whole(percentile(s.idle, 0.99)),
			whole(percentile(s.flood, 0.5)), whole(percentile(s.flood, 0.99)),
			whole(peakOf(pid)), whole(largest))
	}
	if err := t.end(); err != nil {
		return err
	}
	workers := servers[1]
	got := percentile(workers.flood, 0.5) / percentile(workers.idle, 0.5)
	b.target(got <= 2, "with workers, a check in the flood at most 2 times what it costs without: %s", ratio(got))
	return nil
}

// startFlooded starts a server whose database has the sample session and somebody for each client.
func (b *bench) startFlooded(ctx context.Context, name, short, hash string) (*flooded, error) {
	folder := filepath.Join(b.folder, short)
	if err := makeSample(ctx, folder); err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return nil, err
	}
	_, err = db.fill(ctx, floodClients, hash)
	if err := errors.Join(err, db.close()); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c, err := start(ctx, name, filepath.Join(b.folder, short+".log"), exec.Command(self, "-serve", name, "-data", folder))
	if err != nil {
		return nil, err
	}
	s := &flooded{child: c}
	if _, s.size, err = answerOf(ctx, c, sampleRequest); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return s, nil
}

// measure takes a turn without logins and a longer one with them, as those who wait for one do so for
// up to two seconds.
func (s *flooded) measure(ctx context.Context, turn time.Duration) error {
	times, err := s.check(ctx, turn)
	if err != nil {
		return err
	}
	s.idle = append(s.idle, times...)

	flood, stop := context.WithCancel(ctx)
	defer stop()
	done, busy, ended := s.logInAll(flood)
	begun := time.Now()
	times, err = s.check(ctx, 4*turn)
	took := time.Since(begun).Seconds()
	s.flood = append(s.flood, times...)
	s.done, s.busy = append(s.done, float64(done.Load())/took), append(s.busy, float64(busy.Load())/took)
	stop()
	return errors.Join(err, ended())
}

// check asks who the sample session's user is, again and again.
func (s *flooded) check(ctx context.Context, turn time.Duration) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var errs []error
	var busy sync.WaitGroup
	until := time.Now().Add(turn)
	for range checkers {
		busy.Go(func() {
			times, err := s.checkAlone(ctx, until)
			mu.Lock()
			defer mu.Unlock()
			all, errs = append(all, times...), append(errs, err)
		})
	}
	busy.Wait()
	return all, errors.Join(errs...)
}

func (s *flooded) checkAlone(ctx context.Context, until time.Time) ([]time.Duration, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", s.name, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(until.Add(answerTimeout)); err != nil {
		return nil, fmt.Errorf("ask %s: %w", s.name, err)
	}
	ticker := time.NewTicker(checkPause)
	defer ticker.Stop()
	var all []time.Duration
	answer := make([]byte, s.size)
	for time.Now().Before(until) && ctx.Err() == nil {
		<-ticker.C
		before := time.Now()
		if err := exchangeOne(conn, sampleRequest, answer); err != nil {
			return nil, fmt.Errorf("ask %s: %w", s.name, err)
		}
		all = append(all, time.Since(before))
	}
	return all, ctx.Err()
}

// logInAll lets every client log in again and again until ctx is done. It counts those who could, and
// those who were told that the server is busy; ended waits for the clients.
func (s *flooded) logInAll(ctx context.Context) (done, busy *atomic.Int64, ended func() error) {
	done, busy = new(atomic.Int64), new(atomic.Int64)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floodClients}}
	errs := make([]error, floodClients)
	var clients sync.WaitGroup
	for i := range floodClients {
		clients.Go(func() {
			for errs[i] == nil && ctx.Err() == nil {
				status, err := s.logIn(ctx, client, i)
				switch {
				case ctx.Err() != nil:
				case err != nil:
					errs[i] = err
				case status == http.StatusOK:
					done.Add(1)
				case status == http.StatusServiceUnavailable:
					busy.Add(1)
					select {
					case <-ctx.Done():
					case <-time.After(retryAfter):
					}
				default:
					errs[i] = fmt.Errorf("login at %s answers %d", s.name, status)
				}
			}
		})
	}
	return done, busy, func() error {
		clients.Wait()
		client.CloseIdleConnections()
		runtime.GC() // what this process leaves behind is not the next turn's load
		return errors.Join(errs...)
	}
}

func (s *flooded) logIn(ctx context.Context, client *http.Client, i int) (status int, err error) {
	form := url.Values{"email": {fmt.Sprintf("person%d@example.com", i)}, "password": {loginPassword}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+"/api/v1/auth_session/login", strings.NewReader(form))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("log in at %s: %w", s.name, err)
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}
