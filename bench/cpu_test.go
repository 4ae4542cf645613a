package main

import (
	"testing"
	"time"
)

func TestCPUIn(t *testing.T) {
	for stat, want := range map[string]time.Duration{
		"7 (a (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 31 0 0 20 0 8 0 1 2 3": 2810 * time.Millisecond,
		"7 (a) S 1 7": 0,
		"":            0,
	} {
		if got := cpuIn(stat); got != want {
			t.Errorf("CPU time in %q is %v, want %v", stat, got, want)
		}
	}
}
