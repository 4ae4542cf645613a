package worker

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes the test's own program one that starts itself, as a server does. The other roles
// are processes that behave as no worker should, and a server.
func TestMain(m *testing.M) {
	if Serve() {
		return
	}
	if len(os.Args) > 1 {
		if role, isRole := roles[os.Args[1]]; isRole {
			role(os.Args[2:])
			return
		}
	}
	// The race detector waits for a second at the end of each process, unless told.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=10")
	goleak.VerifyTestMain(m)
}
