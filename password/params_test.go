package password

import (
	"testing"

	"pgregory.net/rapid"
)

// What a cheap hash lacks brings it up to the current one, but for what argon2 cannot do in
// less than 8 KiB a lane.
func TestLackingFillsUp(t *testing.T) {
	draw := func(t *rapid.T, name string) Params {
		lanes := rapid.Uint8Range(1, maxLanes).Draw(t, name+" lanes")
		return Params{
			MemoryKiB: rapid.Uint32Range(8*uint32(lanes), maxMemoryKiB).Draw(t, name+" memory"),
			Passes:    rapid.Uint32Range(1, maxPasses).Draw(t, name+" passes"),
			Lanes:     lanes,
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		current, cheap := draw(t, "current"), draw(t, "cheap")
		total := cheap.work()
		if rest, isLacking := current.lacking(cheap.work()); isLacking {
			if !rest.isArgon2() || rest.MemoryKiB > current.MemoryKiB {
				t.Fatalf("rest %+v", rest)
			}
			total += rest.work()
			if total > current.work() {
				t.Fatalf("work %d, more than %d", total, current.work())
			}
		}
		slack := uint64(current.leastMemory()) * uint64(current.Passes)
		if total+slack < current.work() {
			t.Fatalf("work %d, want %d", total, current.work())
		}
	})
}
