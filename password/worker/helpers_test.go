package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/password"
)

// roles are what the test's own program can be besides the tests and a worker, by its first
// argument.
var roles = map[string]func(args []string){
	"role-stranger": stranger,
	"role-dies":     dies,
	"role-server":   beServer,
}

// as returns what starts the test's own program in a role.
func as(t *testing.T, role ...string) func() (*exec.Cmd, error) {
	t.Helper()
	return func() (*exec.Cmd, error) {
		command, err := self()
		if err == nil {
			command.Args = append(command.Args[:1], role...)
		}
		return command, err
	}
}

// A stranger is a program that is there in the place of this one.
func stranger([]string) { fmt.Println("usage: stranger [OPTION]...") }

// dies is a worker that dies of a request: of each, or of the first one, if there is a file to
// remember it by.
func dies(file []string) {
	if len(file) == 1 && os.Remove(file[0]) != nil {
		_ = answerAll(os.Stdin, os.Stdout, new(password.Local))
		return
	}
	_ = answerAll(os.Stdin, os.Stdout, new(deadly))
}

type deadly struct{ password.Local }

func (*deadly) Hash(context.Context, string, password.Params) (string, error) {
	os.Exit(1)
	return "", nil
}

func (*deadly) Verify(context.Context, string, string, password.Params) (password.Verdict, error) {
	os.Exit(1)
	return password.Verdict{}, nil
}

// beServer is a server with two workers, one of which computes without an end in sight. It lives
// until it is killed.
func beServer([]string) {
	pool := Start(Config{Processes: 2})
	costly := password.Params{MemoryKiB: 64 << 10, Passes: 2, Lanes: 1}
	for range 2 { // both are there
		if _, err := pool.Hash(context.Background(), "p", costly); err != nil {
			fmt.Println(err)
			return
		}
	}
	go func() {
		for {
			_, _ = pool.Hash(context.Background(), "p", costly)
		}
	}()
	fmt.Println("ready")
	select {}
}

// A log takes what a pool reports.
type log chan string

func (l log) report(_ context.Context, doing string, err error) { l <- doing + ": " + err.Error() }

func (l log) String() string {
	var all []string
	for {
		select {
		case line := <-l:
			all = append(all, line)
		default:
			return strings.Join(all, "\n")
		}
	}
}

// open starts a pool that is closed with the test.
func open(t *testing.T, processes int, command func() (*exec.Cmd, error)) (*Pool, log) {
	t.Helper()
	said := make(log, 100)
	pool := startPool(Config{Processes: processes, Report: said.report}, command)
	t.Cleanup(pool.Close)
	return pool, said
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// small keeps tests quick.
var small = password.Params{MemoryKiB: 64, Passes: 2, Lanes: 1}

const tail = "$c29tZXNhbHRzb21lc2FsdA$k39qfyL/GTXyek3gSQkXOnKqiWZD9A5UsqAyIG8UFIQ"

func mustHash(t *testing.T, p password.Params, plain string) string {
	t.Helper()
	encoded, err := new(password.Local).Hash(t.Context(), plain, p)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
