package main

import (
	"math"
	"testing"
)

func TestMemoryIn(t *testing.T) {
	status := "Name:\tx\nVmPeak:\t  999 kB\nVmHWM:\t    2560 kB\nVmRSS:\t 1 kB\n"
	if got := memoryIn(status, "VmHWM"); got != 2.5 {
		t.Errorf("%v MiB, want 2.5", got)
	}
	if got := memoryIn("VmPeak:\t 9 kB\n", "VmHWM"); !math.IsNaN(got) {
		t.Errorf("%v MiB, want none", got)
	}
}
