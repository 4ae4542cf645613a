package main

import (
	"io"
	"testing"
)

// TestAPanicIsNoSuccess: a command that breaks must not end with exit code 0, which a script would
// take for done.
func TestAPanicIsNoSuccess(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
	}()
	code := run(t.Context(), []string{"version"}, terminal{out: broken{}, err: io.Discard})
	t.Errorf("exit code %d", code)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { panic("broken") }
