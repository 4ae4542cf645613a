package badday_test

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"testing"
	"time"
)

// command runs another command of the program on data, and returns what it has printed.
func command(t testing.TB, binary, data string, s settings, stdin io.Reader, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = environment(data, s)
	cmd.Stdin = stdin
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatalf("handstamp %s: %v", args, err)
	}
	// A command that should have refused to start and serves instead must not hang the suite.
	late := time.AfterFunc(startDeadline, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("handstamp %s: %v", args, err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}
