//go:build unix

package main

import "syscall"

// privately calls do, and whatever is made meanwhile is its owner's only, from the first moment.
func privately(do func()) {
	const owner = 0o177 // what is taken away: all but reading and writing for the owner
	before := syscall.Umask(owner)
	defer syscall.Umask(before)
	do()
}
