// Package badday_test is `handstamp serve` on a bad day, seen from outside: guessed at by hundreds at
// once, flooded, without a disk, without its workers, killed. Nothing here imports a package of what is
// tested, so that nothing inside can make a wrong answer look right.
package badday_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

var (
	scratch string // binaries and data folders

	// checked is the program under test with the race detector if the tests have it. plain never has
	// it: for what is measured.
	checked = sync.OnceValues(func() (string, error) { return build("checked", program.Race) })
	plain   = sync.OnceValues(func() (string, error) {
		if !program.Race {
			return checked()
		}
		return build("plain", false)
	})
)

// binaryVariable names the program for a process of these tests that one of them has started.
const binaryVariable = "HANDSTAMP_TEST_BINARY"

func TestMain(m *testing.M) {
	os.Exit(program.Run(m, 4, func(folder string) error {
		scratch = folder
		return nil
	}))
}

// build builds the program, once.
func build(name string, race bool) (string, error) {
	if binary := os.Getenv(binaryVariable); binary != "" {
		return binary, nil
	}
	binary := filepath.Join(scratch, name)
	if err := (program.Variant{Race: race, Tags: tags}).Build(binary); err != nil {
		return "", err
	}
	return binary, nil
}

// must returns what a function of the tests themselves found.
func must[T any](t testing.TB, what string) func(T, error) T {
	return func(found T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return found
	}
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	return must[[]byte](t, "read")(os.ReadFile(name))
}
