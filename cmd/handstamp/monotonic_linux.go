package main

import "golang.org/x/sys/unix"

// monotonicMicros returns the reading of CLOCK_MONOTONIC, by which systemd orders what it is told.
func monotonicMicros() int64 {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return 0
	}
	return now.Nano() / 1000
}
