// Package gate_test drives "handstamp gate" from outside, in front of an app of the test's: what a browser or an attacker
// sends goes in, and what the app gets is looked at.
package gate_test

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
	binary  string // the program under test
	scratch string // holds the data folders; its name is short, as the path of a socket is limited
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if testing.Short() {
		return m.Run() // which skips what needs the program, and that is all there is
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
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
