// Package pages_test is what people see of the product, as tests: the binary, and somebody in front of a
// real Chromium who goes by the words on the pages. A [site] is a running server, and a [reader] is who
// looks at it, in one of four languages, with scripts or without.
//
// Whatever a reader does, the pages have to keep their own policy, load nothing from elsewhere and leave
// no errors in the console: each reader checks that in the end.
package pages_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/handstamp/handstamp/internal/blackbox/program"
	"github.com/handstamp/handstamp/internal/browser"
)

var (
	binary  string // the program under test
	scratch string // the data folders of all tests

	update = flag.Bool("update", false, "write the pictures in docs/images")
)

func TestMain(m *testing.M) {
	os.Exit(program.Run(browser.ClosedAfter(m), 6, func(folder string) error {
		scratch, binary = folder, filepath.Join(folder, "handstamp")
		if testing.Short() {
			return nil // what needs a browser is skipped, and that is all there is
		}
		// Without the race detector, which the other suites have: here ten thousand people come, and a browser waits.
		return program.Variant{CheapPasswords: true}.Build(binary)
	}))
}
