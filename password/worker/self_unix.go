//go:build unix

package worker

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// nice is how much a worker asks for less than the server: what it leaves is 90 % where both want
// a processor.
const nice = 10

// runtimeSettings are the settings of the Go runtime that a worker gets from the server. It gets
// nothing else of the environment, in which secrets are.
var runtimeSettings = []string{"GODEBUG", "GORACE", "GOTRACEBACK", "GOCOVERDIR"}

// self returns the command that starts this program as a worker.
func self() (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := &exec.Cmd{
		Path:   path,
		Args:   []string{os.Args[0], argument}, // some programs look at their own name
		Env:    []string{},
		Dir:    "/",       // it keeps no file system from being unmounted
		Stderr: os.Stderr, // for what the runtime says before it ends a program
		// Its own group is not the terminal's, whose Ctrl-C is for the server. Not its own
		// session: Linux shares processors out among sessions first, and nice within them.
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	for _, name := range runtimeSettings {
		if value, isSet := os.LookupEnv(name); isSet {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	return command, nil
}

// keepToItself makes this process ask for less than others, ignore the signals that are for the
// server, and keep its memory from others. What the system does not allow is left out.
func keepToItself() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	// On Linux a process of several threads has as many priorities. The call for the group that this
	// process leads sets all of them, and threads to come inherit them.
	_ = syscall.Setpriority(syscall.PRIO_PGRP, os.Getpid(), nice)
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	hide()
}
