// Package serve_test is what the whole product promises, as one suite for all shapes of it: the
// binary, driven by its flags, its signals and its sockets, and the handler of package server in a
// program of somebody else's, each on every store. Tests ask over HTTP and say nothing about what
// they talk to; [onEachTarget] runs them on all.
//
// Every answer that any test gets is compared with openapi.yaml: see [contract].
package serve_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

var (
	// binary is the program under test.
	binary string
	// scratch holds the data folders of all tests. Its name is short because a socket's path,
	// which the data folder begins, is limited to about a hundred bytes.
	scratch string
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	var err error
	if scratch, err = os.MkdirTemp("", "hs"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)

	binary = filepath.Join(scratch, "handstamp")
	// Without the race detector: it looks at the same code in the handlers of this process, and at the program in the
	// other suites.
	if err := program.Build(binary, false, ""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
