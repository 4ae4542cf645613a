// Package chaos_test is three nodes of `handstamp serve` and their store, each on a host of its own, while
// lines are cut, processes are killed and others stand still. Clients sign in, use their sessions and end them all
// the time, and package history judges what they have seen.
//
// Nothing here imports a package of what is tested, so that nothing inside can make a wrong answer look
// right.
package chaos_test
