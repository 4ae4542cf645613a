//go:build !race

package program

// Race says that the tests run under the race detector.
const Race = false
