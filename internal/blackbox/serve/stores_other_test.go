//go:build !linux

package serve_test

import "testing"

// withServers runs the tests without servers of others: they are started on Linux only.
type withServers struct{ *testing.M }

// place returns the settings of a store of its own for one server.
func place(t testing.TB, store string) (env []string, database string) {
	t.Helper()
	if store != "memory" && store != "sqlite" {
		t.Fatalf("there is no %s for tests on this system", store)
	}
	return []string{"HANDSTAMP_STORE=" + store}, ""
}
