//go:build race

package badday_test

// raceEnabled says that these tests run under the race detector.
const raceEnabled = true
