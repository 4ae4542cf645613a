package password

// verify computes what the table at [Hasher.Verify] says. Its errors are [ErrFormat] and [ErrCost].
func verify(encoded, plain string, current Params) (Verdict, error) {
	stored, fault := parse(encoded)
	isReal := fault == nil
	if !isReal {
		stored = decoy(current)
	}
	if stored.matches(plain) && isReal {
		return Verdict{OK: true, NeedsRehash: stored.isOutdated(current)}, nil
	}
	if rest, isLacking := current.lacking(stored.work()); isLacking {
		decoy(rest).matches(plain)
	}
	if isReal || encoded == "" {
		return Verdict{}, nil
	}
	return Verdict{}, fault
}

// decoy is what a password is checked against where there is nothing to check it against.
func decoy(p Params) argon2id {
	return argon2id{Params: p, salt: make([]byte, saltLength), tag: make([]byte, tagLength)}
}
