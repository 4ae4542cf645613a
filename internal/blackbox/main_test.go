// Package blackbox_test drives the built binary from outside: by its commands, its environment,
// its signals and the bytes on its sockets. Nothing here imports a package of this module, so
// that nothing inside can make a wrong answer look right.
package blackbox_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
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
	if err := setParallel(4); err != nil {
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
	args := []string{"build", "-o", binary}
	if raceEnabled {
		// But for argon2, which shares nothing and would take four times as long.
		args = append(args, "-race", "-gcflags=golang.org/x/crypto/argon2=-race=false")
	}
	build := exec.Command("go", append(args, "../../cmd/handstamp")...)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the binary under test:", err)
		return 1
	}
	return m.Run()
}

// setParallel lets n tests run at once unless the command line says otherwise. Most of these
// tests wait, for a process to start or a session to expire, so that one for each processor
// would leave the processors idle.
func setParallel(n int) error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(n))
}
