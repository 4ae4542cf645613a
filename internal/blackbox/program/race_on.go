//go:build race

package program

// Race says that the tests run under the race detector; the program is then built with it, too, or it
// would look at the wrong process.
const Race = true
