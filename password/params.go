package password

// Params say what one argon2id hash costs (RFC 9106, section 3.1).
type Params struct {
	MemoryKiB uint32 // memory in KiB, at least 8 for each lane
	Passes    uint32 // how often the memory is gone over, at least 1
	Lanes     uint8  // how many threads share the work, at least 1
}

// Default is the OWASP minimum for argon2id: 19 MiB, two passes, one lane.
var Default = Params{MemoryKiB: 19456, Passes: 2, Lanes: 1}

// The most that a hash may ask for. The product is what bounds the time: one GiB gone over once
// takes about a second.
const (
	maxMemoryKiB = 256 << 10
	maxPasses    = 16
	maxLanes     = 16
	maxWork      = 1 << 20
)

// isArgon2 reports whether argon2 is defined for p.
func (p Params) isArgon2() bool {
	return p.Lanes >= 1 && p.Passes >= 1 && p.MemoryKiB >= p.leastMemory()
}

// isAffordable reports whether p is within the limits.
func (p Params) isAffordable() bool {
	return p.MemoryKiB <= maxMemoryKiB && p.Passes <= maxPasses && p.Lanes <= maxLanes && p.work() <= maxWork
}

func (p Params) leastMemory() uint32 { return 8 * uint32(p.Lanes) }

// work is what the time of a hash grows with, in KiB gone over once.
func (p Params) work() uint64 { return uint64(p.MemoryKiB) * uint64(p.Passes) }

// lacking returns the Params of a second hash that brings the work done by a cheap one up to p's. It
// is false where nothing is missing, or less than argon2 can do.
func (p Params) lacking(done uint64) (Params, bool) {
	if done >= p.work() {
		return Params{}, false
	}
	p.MemoryKiB = uint32((p.work() - done) / uint64(p.Passes))
	return p, p.isArgon2()
}
