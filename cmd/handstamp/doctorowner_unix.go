//go:build unix

package main

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// ownerOf returns the owner of a file.
func ownerOf(info fs.FileInfo) owner {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}
	}
	return ownerByID(stat.Uid)
}

// ownerByID returns the user with an ID, who need not have a name.
func ownerByID(uid uint32) owner {
	number := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(number); err == nil {
		return owner{isKnown: true, uid: uid, name: u.Username}
	}
	return owner{isKnown: true, uid: uid, name: number}
}
