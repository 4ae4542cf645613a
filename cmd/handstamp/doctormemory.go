package main

import (
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// memoryFacts are how many bytes of memory there are for the server. What is not known is 0.
type memoryFacts struct {
	total     uint64 // of the machine
	available uint64 // of those, what can be had now
	limit     uint64 // of the control group that the server is in
}

// lookAtMemory reads what Linux tells in the file system root of the machine, and of the control
// group of process pid, or of this one if that is 0.
func lookAtMemory(root fs.FS, pid int) memoryFacts {
	process := "self"
	if pid != 0 {
		process = strconv.Itoa(pid)
	}
	var facts memoryFacts
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		kib, err := strconv.ParseUint(words[1], 10, 53)
		switch {
		case err != nil:
		case words[0] == "MemTotal:":
			facts.total = kib << 10
		case words[0] == "MemAvailable:":
			facts.available = kib << 10
		}
	}
	text, _ = fs.ReadFile(root, "proc/"+process+"/cgroup")
	for line := range strings.Lines(string(text)) { // cgroups(7): number:controllers:path
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		switch {
		case len(parts) < 3:
		case parts[0] == "0":
			facts.limit = least(facts.limit, limitWithin(root, "sys/fs/cgroup", parts[2], "memory.max"))
		case parts[1] == "memory":
			facts.limit = least(facts.limit, limitWithin(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"))
		}
	}
	return facts
}

// limitWithin returns the least limit of a control group and those that it is in.
func limitWithin(root fs.FS, mount, group, file string) uint64 {
	var limit uint64
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		text, err := fs.ReadFile(root, path.Join(mount, group, file))
		if n, parseErr := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil && parseErr == nil {
			limit = least(limit, n) // not so for "max"
		}
		if group == "/" {
			return limit
		}
	}
}

// least returns the lesser of two limits, of which 0 is none.
func least(a, b uint64) uint64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// judgeMemory says whether there is room for all hashes that may be under way, needed bytes.
func judgeMemory(facts memoryFacts, needed uint64, runs bool) findings {
	const about = "memory"
	var found findings
	room := least(facts.total, facts.limit)
	switch {
	case room == 0:
	case needed > room:
		found.broken(about, fmt.Sprintf("passwords may take %s to be hashed, and there are %s", roughly(needed), roughly(room)),
			fmt.Sprintf("set hash-memory = %s, or give the server more", roughly(max(room/2, 32<<20))))
	case needed > room/2:
		found.weak(about, fmt.Sprintf("passwords may take %s to be hashed, and there are %s in all", roughly(needed), roughly(room)),
			fmt.Sprintf("set hash-memory = %s, or give the server more", roughly(max(room/2, 32<<20))))
	case !runs && needed > least(facts.available, math.MaxUint64):
		found.weak(about, fmt.Sprintf("passwords may take %s to be hashed, and other programs leave %s", roughly(needed), roughly(facts.available)),
			"stop some of them, or set a lower hash-memory")
	default:
		found.ok(about, "%s for passwords that are hashed, of %s", roughly(needed), roughly(room))
	}
	return found
}
