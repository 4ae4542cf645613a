// Package serve_test is what the whole product promises, as one suite for all shapes of it: the
// binary, driven by its flags, its signals and its sockets, and the handler of package server in a
// program of somebody else's, each on every store. Tests ask over HTTP and say nothing about what
// they talk to; [onEachTarget] runs them on all.
//
// Every answer that any test gets is compared with openapi.yaml: see [contract].
package serve_test

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
	os.Exit(program.Run(withServers{m}, 0, func(folder string) error {
		scratch, binary = folder, filepath.Join(folder, "handstamp")
		// Without the race detector: it looks at the same code in the handlers of this process, and at the
		// program in the other suites.
		return program.Variant{CheapPasswords: true}.Build(binary)
	}))
}
