// Package pages_test is what people see of the product, as tests: the binary, and somebody in front of a
// real Chromium who goes by the words on the pages. A [site] is a running server, and a [reader] is who
// looks at it, in one of four languages, with scripts or without.
//
// Whatever a reader does, the pages have to keep their own policy, load nothing from elsewhere and leave
// no errors in the console: each reader checks that in the end.
package pages_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/blackbox/program"
	"github.com/handstamp/handstamp/internal/browser"
)

var (
	// binary is the program under test.
	binary string
	// scratch holds the data folders of all tests. Its name is short because a socket's path,
	// which the data folder begins, is limited to about a hundred bytes.
	scratch string

	update = flag.Bool("update", false, "write the pictures in docs/images")
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if testing.Short() {
		return m.Run() // which skips what needs a browser, and that is all there is
	}
	if err := program.SetParallel(6); err != nil {
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
	// Without the race detector, which the other suites have: here ten thousand people come, and a browser waits.
	if err := program.Build(binary, false, ""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := browser.ClosedAfter(m).Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
