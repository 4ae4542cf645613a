package blocklist

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/secure/precis"
)

func TestContains(t *testing.T) {
	for password, want := range map[string]bool{
		"password":             true,
		"PassWord":             true,
		"baseball":             true,
		"1qaz2wsx3edc4rfv":     true,
		"QWERTY123456789":      true,
		"\u212awerty12":        false, // the Kelvin sign: "kwerty12" is not common
		"mailcreated5240":      true,
		"password ":            false,
		" password":            false,
		"password\nbaseball":   false,
		"\npassword":           false,
		"\n":                   false,
		"":                     false,
		"passwor":              false, // shorter than anything on the list
		"passwordpasswordpass": false,
		"correct horse batter": false,
		"\xff\xff\xff\xff":     false,
		"\U0010ffff":           false,
	} {
		if got := Contains(password); got != want {
			t.Errorf("Contains(%q) = %v", password, got)
		}
	}
}

// TestEveryEntryIsFound, and nothing between two of them.
func TestEveryEntryIsFound(t *testing.T) {
	entries := strings.Split(strings.TrimSuffix(list(), "\n"), "\n")
	if len(entries) != 100_000 {
		t.Fatalf("%d entries", len(entries))
	}
	long := 0
	for i, entry := range entries {
		if len(entry) >= 15 {
			long++
		}
		if !Contains(entry) || !Contains(strings.ToUpper(entry)) {
			t.Fatalf("%q is not found", entry)
		}
		if next := entry + "\x00"; (i+1 == len(entries) || entries[i+1] != next) && Contains(next) {
			t.Fatalf("%q is found", next)
		}
	}
	if long < 9_000 {
		t.Errorf("only %d entries have 15 characters", long)
	}
}

// TestEntriesAreInTheFormThatIsCompared: one that is not could never be found.
func TestEntriesAreInTheFormThatIsCompared(t *testing.T) {
	entries := strings.Split(strings.TrimSuffix(list(), "\n"), "\n")
	if !slices.IsSorted(entries) || len(slices.Compact(slices.Clone(entries))) != len(entries) {
		t.Error("the list is not in order, or has an entry twice")
	}
	for _, entry := range entries {
		prepared, err := precis.OpaqueString.String(entry)
		if err != nil || prepared != entry || strings.ToLower(entry) != entry || len(entry) < 8 {
			t.Errorf("%q: as a password it is %q, %v", entry, prepared, err)
		}
	}
}

func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	list = sync.OnceValue(unpack)
	runtime.GC()
	runtime.ReadMemStats(&before)
	Contains("password")
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 1<<20+64<<10 {
		t.Errorf("the list takes %d bytes", kept)
	}
}

func BenchmarkContains(b *testing.B) {
	Contains("")
	for b.Loop() {
		Contains("correct horse battery staple")
	}
}
