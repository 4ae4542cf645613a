// Package blackbox_test drives the built binary from outside: by its commands, its environment,
// its signals and the bytes on its sockets. Nothing here imports a package of this module, but for
// what builds the program, so that nothing inside can make a wrong answer look right.
package blackbox_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

var (
	// binary is the program under test.
	binary string
	// scratch holds the data folders of all tests. Its name is short because a socket's path,
	// which the data folder begins, is limited to about a hundred bytes; t.TempDir puts the
	// name of the test in it.
	scratch string
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	if err := program.SetParallel(4); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var err error
	if scratch, err = os.MkdirTemp("", "hs"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)

	binary = filepath.Join(scratch, "handstamp")
	if err := program.Build(binary, program.Race, ""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
