//go:build !linux

package main

// monotonicMicros returns nothing where there is no systemd.
func monotonicMicros() int64 { return 0 }
