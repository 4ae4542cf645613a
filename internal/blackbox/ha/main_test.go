//go:build linux

package ha_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/netns"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // which has to need nothing
		os.Exit(0)
	}
	netns.Enter()
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// must fails the test where something did not go as the test itself needs it.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
