// Package gate_test drives "handstamp gate" from outside, in front of an app of the test's: what a browser or an attacker
// sends goes in, and what the app gets is looked at.
package gate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

var (
	binary  string // the program under test
	scratch string // the data folders of all tests
)

func TestMain(m *testing.M) {
	os.Exit(program.Run(m, 0, func(folder string) error {
		scratch, binary = folder, filepath.Join(folder, "handstamp")
		if testing.Short() {
			return nil // what needs the program is skipped, and that is all there is
		}
		return program.Variant{Race: program.Race}.Build(binary)
	}))
}
