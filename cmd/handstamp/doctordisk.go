package main

import (
	"fmt"

	"github.com/handstamp/handstamp/internal/settings"
)

// diskFacts are what doctor sees of the file system that the data folder is on.
type diskFacts struct {
	isKnown   bool
	kind      string // nfs, tmpfs and so on; empty for those of which there is nothing to say
	readOnly  bool
	free      uint64 // bytes that the server may take
	size      uint64
	freeFiles uint64
	files     uint64 // how many there may be; 0 for no limit
}

// What is too little: a tenth, or this many bytes. The least is what takes a server down within
// the hour.
const (
	enoughSpace = 1 << 30
	leastSpace  = 64 << 20
)

func judgeDisk(facts diskFacts) findings {
	const about = "disk"
	var found findings
	if !facts.isKnown {
		return nil
	}
	switch facts.kind {
	case "nfs", "cifs", "9p", "afs", "coda":
		found.broken(about, fmt.Sprintf("the data folder is on %s, over which SQLite's log does not work: what was acknowledged may be lost",
			facts.kind), "move it to a disk of this machine, and name it with HANDSTAMP_DATA")
	case "tmpfs", "ramfs":
		found.weak(about, fmt.Sprintf("the data folder is on %s, which is memory: it is gone when the machine starts again", facts.kind),
			"move it to a disk, and name it with HANDSTAMP_DATA")
	case "overlayfs":
		found.weak(about, "the data folder is in the layer of a container, and gone when the container is", "mount a volume there")
	}
	if facts.readOnly {
		found.broken(about, "nothing can be written to the data folder's file system, which is mounted read-only", "mount it read-write")
		return found
	}
	space := fmt.Sprintf("%s of %s free", roughly(facts.free), roughly(facts.size))
	switch {
	case facts.free < leastSpace:
		found.broken(about, space+"; nobody can sign in when it is full", "make room")
	case facts.free < enoughSpace || facts.free < facts.size/10:
		found.weak(about, space+"; nobody can sign in when it is full", "make room")
	case facts.files > 0 && facts.freeFiles < facts.files/10:
		found.weak(about, fmt.Sprintf("%s, but room for %d more files only (df -i)", space, facts.freeFiles), "remove files")
	default:
		found.ok(about, "%s", space)
	}
	return found
}

// roughly returns a number of bytes in the greatest unit of which there is at least one.
func roughly(bytes uint64) string {
	for unit := uint64(1 << 30); unit > 1; unit >>= 10 {
		if bytes >= unit {
			return settings.Size(bytes / unit * unit).String()
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
