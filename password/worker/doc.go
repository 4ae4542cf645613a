// Package worker computes password hashes in processes of their own, so that a flood of logins
// leaves the server its processors.
//
// A hash takes a processor for tens of milliseconds and goes over megabytes of memory. In the server's
// own process that holds up everything else: the scheduler shares the processors out among
// goroutines and does not know which of them can wait, and what hashes leave behind makes the garbage
// collector run. A process that asks for less (nice 10) gets what nobody else wants, and its memory
// is its own.
//
// A [Pool] is an Engine for a password.Hasher. It starts this very program once for each
// processor, and talks with each over its standard input and output. The program has to call
// [Serve] first thing in main:
//
//	func main() {
//		if worker.Serve() {
//			return // this process was one of a Pool
//		}
//		pool := worker.Start(worker.Config{})
//		defer pool.Close()
//		people.Passwords.Engine = pool
//		…
//	}
//
// # When something breaks
//
// A worker that ends is started again, each time later than before while nothing gets done. The hash that
// it had is computed by another one; if that ends as well, the password may be what ends them, and
// the answer is password.ErrBusy. It is never "wrong password", and such a hash is never computed
// in the server. Where no process can be started at all (there are none to be had, the program's
// file is gone, the system has no Unix processes), the Pool says so once and computes in this
// process, no more at once than it would have processes.
//
// A worker ends when its standard input does, so none outlives the server, however that ended. It has
// its own process group and ignores the signals of a terminal and of a service manager: the server
// ends it after the last login.
//
// # Secrets
//
// Passwords cross a pipe that only the two processes hold. They are not in arguments or the
// environment, of which a worker gets nothing that the server's operator has set, and a worker
// writes no core dump. On Linux other processes of the same user cannot look into it.
package worker
