package main

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"
)

// TestInterruptedWhileAsking: Ctrl-C, which only ends the context, also ends a command that waits
// for a password.
func TestInterruptedWhileAsking(t *testing.T) {
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
		done <- run(ctx, []string{"user", "add", "--email", "a@b.c", "--password-stdin"}, terminal{in, &out, &errs})
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
