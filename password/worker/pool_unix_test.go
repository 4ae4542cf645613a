//go:build unix

package worker

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/handstamp/handstamp/password"
)

// TestPoolSaysWhatLocalSays: it makes no difference to anybody where a hash is computed.
func TestPoolSaysWhatLocalSays(t *testing.T) {
	pool, said := open(t, 2, self)
	workers, here := &password.Hasher{Params: small, Engine: pool}, &password.Hasher{Params: small}
	const fakePwd = "7a321db83885ebbe8358bc1160c803af6cc70c80aa8f750eeb9d21d5f8c75967"
	longest := strings.Repeat("🔑", password.MaxCodePoints)
	for name, tt := range map[string]struct {
		encoded, plain string
		want           password.Verdict
		err            error
	}{
		"right":           {mustHash(t, small, "p"), "p", password.Verdict{OK: true}, nil},
		"wrong":           {mustHash(t, small, "p"), "q", password.Verdict{}, nil},
		"outdated":        {mustHash(t, password.Params{MemoryKiB: 32, Passes: 1, Lanes: 1}, "p"), "p", password.Verdict{OK: true, NeedsRehash: true}, nil},
		"outdated, wrong": {mustHash(t, password.Params{MemoryKiB: 32, Passes: 1, Lanes: 1}, "p"), "q", password.Verdict{}, nil},
		"not UTF-8":       {mustHash(t, small, "p\xff\x00"), "p\xff\x00", password.Verdict{OK: true}, nil},
		"longest":         {mustHash(t, small, longest), longest, password.Verdict{OK: true}, nil},
		"empty":           {mustHash(t, small, ""), "", password.Verdict{OK: true}, nil},
		"nobody":          {"", "p", password.Verdict{}, nil},
		"nobody, empty":   {"", "", password.Verdict{}, nil},
		"SHA-256":         {fakePwd, "fake pwd", password.Verdict{OK: true, NeedsRehash: true}, nil},
		"SHA-256, wrong":  {fakePwd, "p", password.Verdict{}, nil},
		"malformed":       {"plain", "plain", password.Verdict{}, password.ErrFormat},
		"far too long":    {strings.Repeat("$", 1<<20), "p", password.Verdict{}, password.ErrFormat},
		"too costly":      {"$argon2id$v=19$m=4294967295,t=1,p=1" + tail, "p", password.Verdict{}, password.ErrCost},
		"too long":        {"", longest + "x", password.Verdict{}, password.ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			for where, hasher := range map[string]*password.Hasher{"workers": workers, "here": here} {
				got, err := hasher.Verify(t.Context(), tt.encoded, tt.plain)
				if got != tt.want || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
					t.Errorf("%s: %+v, %v", where, got, err)
				}
			}
		})
	}
	encoded, err := workers.Hash(t.Context(), "new")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := here.Verify(t.Context(), encoded, "new"); got != (password.Verdict{OK: true}) || err != nil {
		t.Errorf("new hash %s: %+v, %v", encoded, got, err)
	}
	if text := said.String(); text != "" {
		t.Errorf("reported: %s", text)
	}
	if got, want := pool.Stats().Restarts, uint64(0); got != want {
		t.Errorf("%d restarts", got)
	}
}

// TestPoolTogether: many logins at once get each their own answer.
func TestPoolTogether(t *testing.T) {
	pool, _ := open(t, 2, self)
	hasher := &password.Hasher{Params: small, Engine: pool}
	stored := map[string]string{"ada": mustHash(t, small, "ada"), "bob": mustHash(t, small, "bob")}
	var logins sync.WaitGroup
	for range 20 {
		for user, encoded := range stored {
			for _, typed := range []string{"ada", "bob"} {
				logins.Go(func() {
					got, err := hasher.Verify(t.Context(), encoded, typed)
					if err != nil || got.OK != (user == typed) {
						t.Errorf("%s as %s: %+v, %v", typed, user, got, err)
					}
				})
			}
		}
	}
	logins.Wait()
	if got := hasher.Stats(); got != (password.Stats{Done: 80}) {
		t.Errorf("%+v", got)
	}
}

// TestParamsAreChecked by the worker, which would end otherwise.
func TestParamsAreChecked(t *testing.T) {
	pool, _ := open(t, 1, self)
	got, err := pool.Verify(t.Context(), "", "p", password.Params{MemoryKiB: 64})
	if err == nil || got.OK || errors.Is(err, password.ErrBusy) || errors.Is(err, password.ErrCost) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := pool.Hash(t.Context(), strings.Repeat("p", password.MaxBytes+1), small); !errors.Is(err, password.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// TestDeadWorkerIsReplaced, and who was waiting for it never learns of it.
func TestDeadWorkerIsReplaced(t *testing.T) {
	for _, processes := range []int{1, 2} {
		file := filepath.Join(t.TempDir(), "once")
		touch(t, file)
		pool, said := open(t, processes, as(t, "role-dies", file))
		encoded, err := pool.Hash(t.Context(), "p", small)
		if err != nil || !strings.HasPrefix(encoded, "$argon2id$") {
			t.Errorf("of %d: %q, %v", processes, encoded, err)
		}
		if text := said.String(); processes == 1 && (strings.Count(text, "\n") != 0 || !strings.Contains(text, "the process has ended")) {
			t.Errorf("reported %q, want one death", text)
		}
	}
}

// TestDeadlyPassword: what ends worker after worker is answered as busy, and not tried in the
// server.
func TestDeadlyPassword(t *testing.T) {
	pool, _ := open(t, 2, as(t, "role-dies"))
	hasher := &password.Hasher{Params: small, Engine: pool}
	verdict, err := hasher.Verify(t.Context(), mustHash(t, small, "p"), "p")
	if !errors.Is(err, password.ErrBusy) || verdict.OK {
		t.Errorf("%+v, %v, want ErrBusy", verdict, err)
	}
	if _, err := hasher.Hash(t.Context(), "p"); !errors.Is(err, password.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	if got := pool.Stats().Restarts; got == 0 {
		t.Error("no process was started again")
	}
	if got := hasher.Stats(); got != (password.Stats{Refused: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestNoProcess: where none can be started, passwords are hashed all the same, and it is said
// once.
func TestNoProcess(t *testing.T) {
	for name, command := range map[string]func() (*exec.Cmd, error){
		"no such file": func() (*exec.Cmd, error) { return exec.Command(filepath.Join(t.TempDir(), "gone"), argument), nil },
		"no way":       func() (*exec.Cmd, error) { return nil, errors.ErrUnsupported },
		"stranger":     as(t, "role-stranger"),
	} {
		t.Run(name, func(t *testing.T) {
			pool, said := open(t, 2, command)
			hasher := &password.Hasher{Params: small, Engine: pool}
			var logins sync.WaitGroup
			encoded := mustHash(t, small, "p")
			for range 10 {
				logins.Go(func() {
					if got, err := hasher.Verify(t.Context(), encoded, "p"); !got.OK || err != nil {
						t.Errorf("%+v, %v", got, err)
					}
				})
			}
			logins.Wait()
			if text := said.String(); strings.Count(text, "computed in this one") != 1 || strings.Contains(text, "\n") {
				t.Errorf("reported %q, want one line", text)
			}
			if got := pool.Stats(); got != (Stats{}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestWhoIsGoneIsNotServed: where all workers are busy, a caller can leave.
func TestWhoIsGoneIsNotServed(t *testing.T) {
	pool, _ := open(t, 1, func() (*exec.Cmd, error) { return nil, errors.ErrUnsupported })
	// The only place is taken until it is given back.
	taken := &job{done: make(chan outcome, 1)}
	pool.jobs <- taken
	back := (<-taken.done).here
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { _, err := pool.Hash(ctx, "p", small); left <- err }()
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) || errors.Is(err, password.ErrBusy) {
		t.Errorf("%v, want canceled", err)
	}
	close(back)
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if _, err := pool.Hash(ctx, "p", small); !errors.Is(err, context.Canceled) {
		t.Errorf("gone before: %v", err)
	}
}

func TestClosed(t *testing.T) {
	pool, said := open(t, 2, self)
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	pool.Close()
	if _, err := pool.Hash(t.Context(), "p", small); !errors.Is(err, password.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	if got := pool.Stats(); got != (Stats{}) {
		t.Errorf("%+v", got)
	}
	if text := said.String(); text != "" {
		t.Errorf("reported: %s", text)
	}
}

// BenchmarkHash shows what the way to a worker and back adds.
func BenchmarkHash(b *testing.B) {
	pool := Start(Config{Processes: 1})
	defer pool.Close()
	for _, bb := range []struct {
		name   string
		engine password.Engine
		params password.Params
	}{
		{"here, 64 KiB", new(password.Local), small},
		{"worker, 64 KiB", pool, small},
		{"here, 19 MiB", new(password.Local), password.Default},
		{"worker, 19 MiB", pool, password.Default},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := bb.engine.Hash(b.Context(), "correct horse battery staple", bb.params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
