package worker

import "syscall"

// hide keeps other processes of the same user from reading this one's memory, and the kernel from
// dumping it (prctl(2), PR_SET_DUMPABLE).
func hide() { _, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0) }
