package main

import (
	"net"

	"golang.org/x/sys/unix"
)

// fileSystems are those of which there is something to say, by what statfs(2) calls them.
var fileSystems = map[uint32]string{
	unix.NFS_SUPER_MAGIC:       "nfs",
	unix.SMB_SUPER_MAGIC:       "cifs",
	unix.SMB2_SUPER_MAGIC:      "cifs",
	0xff534d42:                 "cifs", // CIFS_MAGIC_NUMBER
	unix.V9FS_MAGIC:            "9p",
	unix.AFS_FS_MAGIC:          "afs",
	unix.AFS_SUPER_MAGIC:       "afs",
	unix.CODA_SUPER_MAGIC:      "coda",
	unix.TMPFS_MAGIC:           "tmpfs",
	unix.RAMFS_MAGIC:           "ramfs",
	unix.OVERLAYFS_SUPER_MAGIC: "overlayfs",
}

func lookAtDisk(folder string) diskFacts {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return diskFacts{}
	}
	block := uint64(stat.Bsize)
	return diskFacts{
		isKnown: true, kind: fileSystems[uint32(stat.Type)], readOnly: stat.Flags&unix.ST_RDONLY != 0,
		free: stat.Bavail * block, size: stat.Blocks * block, freeFiles: stat.Ffree, files: stat.Files,
	}
}

// isSynchronised reports whether somebody keeps the clock right (adjtimex(2)).
func isSynchronised() (isKept, isKnown bool) {
	var state unix.Timex // which asks, and sets nothing
	if _, err := unix.Adjtimex(&state); err != nil {
		return false, false
	}
	return state.Status&unix.STA_UNSYNC == 0, true
}

// listenerOf returns the process that listens at the other end of a Unix socket, and whose it is. A
// process that this one cannot see is 0.
func listenerOf(conn net.Conn) (pid int, of owner) {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, owner{}
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, owner{}
	}
	var credentials *unix.Ucred
	_ = raw.Control(func(fd uintptr) { credentials, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err != nil || credentials == nil {
		return 0, owner{}
	}
	return int(credentials.Pid), ownerByID(credentials.Uid)
}
