//go:build !race

package blackbox_test

// raceEnabled says that these tests run under the race detector.
const raceEnabled = false
