package password

import (
	"context"
	"runtime"
	"testing"
)

// small keeps tests quick: 64 KiB gone over twice.
var small = Params{MemoryKiB: 64, Passes: 2, Lanes: 1}

func mustHash(t testing.TB, p Params, password string) string {
	t.Helper()
	encoded, err := (&Hasher{Params: p}).Hash(context.Background(), password)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// allocated returns how many bytes f allocates, garbage included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
