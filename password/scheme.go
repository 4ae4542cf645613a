package password

// A scheme is a stored hash that was parsed.
type scheme interface {
	memoryKiB() uint32              // what computing it takes, for the gate
	work() uint64                   // time, in KiB gone over once by argon2 (Params.work)
	matches(plain string) bool      // compares in constant time
	isOutdated(current Params) bool // true for everything but argon2id with the current Params
}

// parse reads a stored hash of any kind. Its errors are [ErrFormat] and [ErrCost].
func parse(encoded string) (scheme, error) {
	if len(encoded) > MaxEncoded {
		return nil, ErrFormat
	}
	if isSHA256Hex(encoded) {
		return sha256Hex(encoded), nil
	}
	stored, err := parseArgon2id(encoded)
	if err != nil {
		return nil, err
	}
	return stored, nil
}
