package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// startClassic starts the program as a server on folder, as a process of its own, and returns it with
// its address.
func startClassic(t *testing.T, folder string) (server *exec.Cmd, base string) {
	t.Helper()
	server = command("--data", folder, "classic")
	server.Env = append(os.Environ(), "AUTH_TYPE=session_db_auth", "API_HOST=127.0.0.1", "API_PORT=0")
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill() })
	address := regexp.MustCompile(`listening on (http://\S+)`)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if match := address.FindStringSubmatch(lines.Text()); match != nil {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return server, match[1]
		}
	}
	t.Fatal("the server does not listen")
	return nil, ""
}

// command returns the program itself as a process: see TestMain.
func command(args ...string) *exec.Cmd {
	return &exec.Cmd{Path: os.Args[0], Args: append([]string{"handstamp"}, args...)}
}

func backup(folder, file string) error {
	if said, err := command("--data", folder, "backup", file).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

// shortDir returns a folder in which the path of a socket is not too long.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestBackupWhilePeopleSignIn: who was signed in before the backup began is signed in after it was
// restored.
func TestBackupWhilePeopleSignIn(t *testing.T) {
	folder := filepath.Join(shortDir(t), "data")
	own, err := dataFolder(folder).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = own.people.Create(t.Context(), account.Details{Email: "ada@example.com", Password: "correct horse"})
	if err := errors.Join(err, own.close()); err != nil {
		t.Fatal(err)
	}
	_, base := startClassic(t, folder)

	var mu sync.Mutex
	var cookies []string
	stop, first := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var people sync.WaitGroup
	for range 4 {
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				answer, err := http.PostForm(base+"/api/v1/auth_session/login",
					url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}})
				if err != nil {
					t.Error(err)
					once.Do(func() { close(first) })
					return
				}
				_ = answer.Body.Close()
				for _, c := range answer.Cookies() {
					mu.Lock()
					cookies = append(cookies, c.Value)
					mu.Unlock()
				}
				once.Do(func() { close(first) })
			}
		})
	}
	defer people.Wait()
	defer close(stop)
	<-first
	for round := range 3 {
		mu.Lock()
		before := slices.Clone(cookies)
		mu.Unlock()
		file := filepath.Join(t.TempDir(), "backup")
		if err := backup(folder, file); err != nil {
			t.Fatal(err)
		}
		restored := filepath.Join(t.TempDir(), "data")
		var said bytes.Buffer
		if code := run(t.Context(), []string{"--data", restored, "restore", "--keep-sessions", file},
			terminal{out: &said, err: &said}); code != 0 {
			t.Fatalf("restore: %s", &said)
		}
		own, err := dataFolder(restored).open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range before {
			if _, err := own.store.Sessions().Load(t.Context(), session.Token(cookie).Hash()); err != nil {
				t.Errorf("round %d: one of %d acknowledged logins: %v", round, len(before), err)
			}
		}
		if err := own.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestKilledDuringABackup: there is a whole file or none, whenever the server is killed.
func TestKilledDuringABackup(t *testing.T) {
	root := shortDir(t)
	folder, file := filepath.Join(root, "data"), filepath.Join(root, "backup")
	own, err := dataFolder(folder).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = own.store.Transact(t.Context(), func(ctx context.Context, tx sqlstore.Tx) error {
		for range 10_000 {
			r := session.Record{Hash: session.RandomToken().Hash(), Revision: 1, Data: make([]byte, 4000)}
			r.ID, r.UserID, r.BeganAt, r.SeenAt = handstamp.NewID(), handstamp.NewID(), time.Now(), time.Now()
			if err := tx.InsertSession(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, own.close()); err != nil {
		t.Fatal(err)
	}

	server, _ := startClassic(t, folder)
	done := make(chan error, 1)
	go func() { done <- backup(folder, file) }()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for late := time.After(30 * time.Second); ; {
		if partial, _ := filepath.Glob(file + ".partial-*"); len(partial) > 0 {
			break
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatal("the backup does not begin")
		}
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	if err := <-done; err != nil && !strings.Contains(err.Error(), "no answer from the running server") {
		t.Errorf("the command says %v", err)
	}
	restore := func(name string) {
		t.Helper()
		if code := run(t.Context(), []string{"--data", filepath.Join(root, name), "restore", file},
			terminal{out: io.Discard, err: os.Stderr}); code != 0 {
			t.Error("there is a backup, and it cannot be restored")
		}
	}
	if exists(file) { // it was complete before the server was dead
		restore("first")
	}

	// The next one is not in its way.
	startClassic(t, folder)
	if said, err := command("--data", folder, "backup", "--replace", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	restore("second")
}
