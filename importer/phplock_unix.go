//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package importer

import (
	"io/fs"
	"os"
	"syscall"
)

// lockShared takes a lock that goes with the file when it is closed, or reports that PHP, which locks
// a session's file for as long as a request uses it, has one.
func lockShared(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil
}

// ownerOf returns the number of the user whose file it is.
func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return 0
}
