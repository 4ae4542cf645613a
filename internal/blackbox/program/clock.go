package program

import (
	"encoding/binary"
	"os"
	"time"
)

// ClockVariable names the file that says how far off the wall clock is of a program that was built with
// [Variant.WallClock]. Without it, it is right.
const ClockVariable = "TEST_WALL_CLOCK"

// What Now reads of the operating system is corrected. The monotonic clock, and so each timer, is that of the machine, as it
// is where somebody sets a clock.
var wallClock = change{
	of: "time", file: "time.go",
	from:  "sec, nsec, mono := runtimeNow()",
	to:    "sec, nsec, mono := runtimeNow()\n\tsec, nsec = offWall(sec, nsec)",
	added: map[string]string{"offwall.go": offWall},
}

// offWall is added to package time. The file is shared memory, so that a step is there for the next reading.
const offWall = `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

var wallOff *int64

func init() {
	name, ok := syscall.Getenv("` + ClockVariable + `")
	if !ok {
		return
	}
	file, err := syscall.Open(name, syscall.O_RDONLY, 0)
	if err != nil {
		panic("open clock: " + err.Error())
	}
	memory, err := syscall.Mmap(file, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic("map clock: " + err.Error())
	}
	wallOff = (*int64)(unsafe.Pointer(&memory[0]))
}

func offWall(sec int64, nsec int32) (int64, int32) {
	if wallOff == nil {
		return sec, nsec
	}
	off := int64(nsec) + atomic.LoadInt64(wallOff)%1e9
	sec += atomic.LoadInt64(wallOff)/1e9 + off/1e9
	if off %= 1e9; off < 0 {
		sec, off = sec-1, off+1e9
	}
	return sec, int32(off)
}
`

// SetClock steps the clock of the file so far away from the machine's. It makes the file
// if there is none.
func SetClock(file string, off time.Duration) error {
	// In place, as programs have it mapped.
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(off)), 0)
	return err
}
