package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// peakOf returns the most memory that a process has had in use so far, in MiB, or NaN where the
// system does not say it in this way (proc_pid_status(5), VmHWM).
func peakOf(pid string) float64 {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return math.NaN()
	}
	return memoryIn(string(text), "VmHWM")
}

// memoryIn returns a field of a status, in MiB, or NaN.
func memoryIn(status, field string) float64 {
	_, rest, _ := strings.Cut(status, "\n"+field+":")
	var kib float64
	if _, err := fmt.Sscanf(rest, "%f kB", &kib); err != nil {
		return math.NaN()
	}
	return kib / 1024
}

// childrenOf returns the processes that a process has started, where the system says it in this way.
func childrenOf(pid string) []string {
	files, _ := filepath.Glob(filepath.Join("/proc", pid, "task/*/children"))
	var pids []string
	for _, file := range files {
		text, _ := os.ReadFile(file) // a thread that has gone has no children
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}
