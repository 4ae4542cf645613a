//go:build linux

package privateserver

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// Main runs do with a TB for those who have none, such as a TestMain whose tests share a server, or a benchmark that is a program. What do
// returns, or 1 where something failed, Main returns when everything is cleaned up.
func Main(do func(TB) int) (code int) {
	m := &mainTB{}
	defer func() {
		m.cleanUp()
		if failed := recover(); failed != nil {
			if failed != errFailed {
				panic(failed)
			}
			code = 1
		}
	}()
	return do(m)
}

// errFailed is what Fatalf ends do with.
var errFailed = errors.New("failed")

// mainTB is the TB of Main.
type mainTB struct{ cleanups []func() }

func (m *mainTB) Helper() {}

func (m *mainTB) Cleanup(f func()) { m.cleanups = append(m.cleanups, f) }

func (m *mainTB) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	panic(errFailed)
}

func (m *mainTB) TempDir() string {
	folder, err := os.MkdirTemp("", "privateserver-")
	if err != nil {
		m.Fatalf("%v", err)
	}
	m.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func (m *mainTB) cleanUp() {
	for _, f := range slices.Backward(m.cleanups) {
		f()
	}
}
