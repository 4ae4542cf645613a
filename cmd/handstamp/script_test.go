package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"handstamp": main})
}

// TestScripts runs the scripts in testdata/script. They are written to be read, too: each shows
// what one command does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"await": await,
			"port":  port,
			"post":  post,
			"seen":  seen,
			"sql":   execSQL,
			"write": writeText,
		},
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			// The race detector waits for a second at the end of each process, unless told.
			env.Setenv("GORACE", "atexit_sleep_ms=10")
			return nil
		},
	})
}

// exits runs a command that must end with an exit code:
//
//	exits 2 handstamp user add
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT…]")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// await waits until somebody listens on a Unix socket or at an address:
//
//	await data/handstamp.sock
//	await 127.0.0.1:5000
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await SOCKET or await HOST:PORT")
	}
	network, address := "tcp", args[0]
	if _, _, err := net.SplitHostPort(address); err != nil {
		network, address = "unix", ts.MkAbs(address)
	}
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	late := time.After(30 * time.Second)
	for {
		conn, err := net.Dial(network, address)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-again.C:
		case <-late:
			ts.Fatalf("nobody listens: %v", err)
		}
	}
}

// port sets a variable to the number of a port on which nobody listens:
//
//	port PORT
func port(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port VARIABLE")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	ts.Check(listener.Close())
}

// post sends a form as a device, and must be answered with a success, or with ! before it with a refusal:
//
//	post laptop http://localhost:5000/api/v1/auth_session/login email=ada@example.com&password=secret
func post(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: post DEVICE URL FORM")
	}
	r, err := http.NewRequest(http.MethodPost, args[1], strings.NewReader(args[2]))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json") // which is not what browsers want
	r.Header.Set("User-Agent", args[0])
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if isRefused := answer.StatusCode >= 400 && answer.StatusCode < 500; isRefused != neg || answer.StatusCode >= 500 {
		ts.Fatalf("%s", answer.Status)
	}
}

// seen sets a variable to the last word that the command before it has printed:
//
//	seen END
func seen(ts *testscript.TestScript, neg bool, args []string) {
	words := strings.Fields(ts.ReadFile("stdout"))
	if neg || len(args) != 1 || len(words) == 0 {
		ts.Fatalf("usage: seen VARIABLE, behind a command that has printed something")
	}
	ts.Setenv(args[0], words[len(words)-1])
}

// execSQL does to a database what somebody can do who gets at the file:
//
//	sql data/handstamp.db 'DELETE FROM users'
func execSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := openDatabase(ts.MkAbs(args[0]))
	ts.Check(err)
	done, err := db.Exec(args[1])
	ts.Check(errors.Join(err, db.Close()))
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%d rows changed, %v", n, err)
	}
}

// writeText makes a file of a text, without a newline at its end:
//
//	write sessions/sess_3fl06lbf8aamkq8p0cug1k4uj7 'n|i:1;'
func writeText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: write FILE TEXT")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]), 0o600))
}
