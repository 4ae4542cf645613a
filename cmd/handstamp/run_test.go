package main

import (
	"bytes"
	"io"
	"strings"
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

// TestArgumentsAreText: the parser would replace what is no text, and work in another folder than the
// one that was named.
func TestArgumentsAreText(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct{ data, arg string }{
		"argument": {"", "e\xff"}, "environment": {"e\xff", "data"},
	} {
		t.Setenv("HANDSTAMP_DATA", c.data)
		var errs bytes.Buffer
		code := run(t.Context(), []string{"--data", c.arg, "user", "list"}, terminal{out: io.Discard, err: &errs})
		if code != exitUsage || !strings.Contains(errs.String(), "not UTF-8") {
			t.Errorf("%s: exit code %d, %s", name, code, &errs)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { panic("broken") }
