// Package blackbox_test drives the built binary from outside: by its commands, its environment,
// its signals and the bytes on its sockets. Nothing here imports a package of this module, but for
// what builds the program, so that nothing inside can make a wrong answer look right.
package blackbox_test

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
	os.Exit(program.Run(m, 4, func(folder string) error {
		scratch, binary = folder, filepath.Join(folder, "handstamp")
		return program.Variant{Race: program.Race}.Build(binary)
	}))
}
