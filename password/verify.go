package password

// verify computes what the table at [Hasher.Verify] says. Its errors are [ErrFormat] and [ErrCost].
func verify(encoded, plain string, current Params) (Verdict, error) {
	stored, fault := parse(encoded)
	if fault != nil {
		stored = newDecoy(current)
	}
	if stored.matches(plain) {
		return Verdict{OK: true, NeedsRehash: stored.isOutdated(current)}, nil
	}
	if rest, isLacking := current.lacking(stored.work(plain)); isLacking {
		newDecoy(rest).matches(plain)
	}
	if encoded == "" {
		return Verdict{}, nil
	}
	return Verdict{}, fault
}

// A decoy is what a password is checked against where there is nothing to check it against. It
// takes as long, and no password is right.
type decoy struct{ argon2id }

func newDecoy(p Params) decoy {
	return decoy{argon2id{Params: p, salt: make([]byte, saltLength), tag: make([]byte, tagLength)}}
}

func (d decoy) matches(plain string) bool {
	_ = d.argon2id.matches(plain)
	return false
}
