//go:build race

package serve_test

// raceEnabled says that these tests run under the race detector; the binary is then built with
// it too, or it would look at the wrong process.
const raceEnabled = true
