//go:build linux

package privateserver

import (
	"fmt"
	"os"
	"slices"
	"sync"
)

// A Suite is the [TB] of servers that all tests of a package share: TestMain closes it. It ends the process where a server
// cannot be started.
type Suite struct {
	mu       sync.Mutex
	cleanups []func()
}

// Helper implements [TB].
func (s *Suite) Helper() {}

// Cleanup implements [TB].
func (s *Suite) Cleanup(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanups = append(s.cleanups, do)
}

// Fatalf implements [TB].
func (s *Suite) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	s.Close()
	os.Exit(1)
}

// TempDir implements [TB].
func (s *Suite) TempDir() string {
	dir, err := os.MkdirTemp("", "hs")
	if err != nil {
		s.Fatalf("make a folder: %v", err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Close stops the servers, the last one first.
func (s *Suite) Close() {
	s.mu.Lock()
	cleanups := s.cleanups
	s.cleanups = nil
	s.mu.Unlock()
	for _, do := range slices.Backward(cleanups) {
		do()
	}
}
