// Package proxies_test runs what deploy/ ships for nginx, HAProxy, Caddy and Apache: the proxies
// themselves, as Debian packages them, with those very files, in front of an app and of Handstamp.
// Only addresses and the place of the certificate are others.
//
// It stands on both sides of each proxy. Strangers and users send it requests, as bytes, and what it
// asks Handstamp and what it sends to the app is written down. A bypass is a request that has reached
// the app although the identity that came along may not ask for its path, however an app may read
// that path; see [readings].
package proxies_test

import (
	"os"
	"testing"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// scratch holds what the proxies are started from.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(program.Run(m, 12, func(folder string) error {
		scratch = folder
		// Whoever starts Apache as root: its children are nobody, and read the script.
		return os.Chmod(scratch, 0o755)
	}))
}
