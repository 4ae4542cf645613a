package main

import (
	"errors"
	"net"
	"os/exec"
	"strconv"
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

// await waits until somebody listens on a Unix socket:
//
//	await data/handstamp.sock
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await SOCKET")
	}
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	late := time.After(30 * time.Second)
	for {
		conn, err := net.Dial("unix", ts.MkAbs(args[0]))
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
