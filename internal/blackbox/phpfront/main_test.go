// Package phpfront_test is examples/php-front, as somebody would use it who has just read its README: started by its own
// script, with the real nginx and php-fpm, and looked at in a browser.
package phpfront_test

import (
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
	// scratch holds the data folders. Its name is short because a socket's path, which the data folder begins, is limited
	// to about a hundred bytes.
	scratch string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "hs"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	code := browser.ClosedAfter(m).Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// build builds the program, for the first test that needs it.
func build(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs nginx, php-fpm and a browser")
	}
	binary = filepath.Join(scratch, "handstamp")
	if err := program.Build(binary, false, ""); err != nil {
		t.Fatal(err)
	}
}
