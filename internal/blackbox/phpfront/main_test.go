// Package phpfront_test is examples/php-front, as somebody would use it who has just read its README: started by its own
// script, with the real nginx and php-fpm, and looked at in a browser.
package phpfront_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/handstamp/handstamp/internal/blackbox/program"
	"github.com/handstamp/handstamp/internal/browser"
)

var (
	binary  string // the program under test
	scratch string // the data folders of all tests
)

func TestMain(m *testing.M) {
	os.Exit(program.Run(browser.ClosedAfter(m), 0, func(folder string) error {
		scratch, binary = folder, filepath.Join(folder, "handstamp")
		if testing.Short() {
			return nil // what needs nginx, php-fpm and a browser is skipped, and that is all there is
		}
		return program.Variant{CheapPasswords: true}.Build(binary)
	}))
}
