//go:build !race

package serve_test

// raceEnabled says that these tests run under the race detector.
const raceEnabled = false
