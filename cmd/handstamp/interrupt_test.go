package main

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"
)

// TestInterruptedWhileReading: Ctrl-C, which only ends the context, also ends a command that waits
// for a password or a list.
func TestInterruptedWhileReading(t *testing.T) {
	for _, args := range [][]string{
		{"user", "add", "--email", "a@b.c", "--password-stdin"},
		{"import", "users", "-", "--format", "csv"},
	} {
		t.Run(args[0], func(t *testing.T) { interruptedWhileReading(t, args) })
	}
}

func interruptedWhileReading(t *testing.T, args []string) {
	t.Chdir(t.TempDir())
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer typing.Close() // lets the command go if nothing else does
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan int, 1)
	var out, errs bytes.Buffer
	go func() {
		done <- run(ctx, args, terminal{in, &out, &errs})
	}()
	interrupt()
	select {
	case code := <-done:
		if code != exitFailed {
			t.Errorf("exit code %d, want %d", code, exitFailed)
		}
	case <-time.After(5 * time.Second):
		t.Error("the command still waits")
	}
}
