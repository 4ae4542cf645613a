package password

import (
	"crypto/subtle"

	"golang.org/x/crypto/argon2"
)

// parsePHC reads our own form.
func parsePHC(rest string) (scheme, error) {
	a, err := parseArgon2id("$argon2id$" + rest)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// foreignArgon2id is an argon2id in a form that Hash does not write.
type foreignArgon2id struct{ argon2id }

func (foreignArgon2id) isOutdated(Params) bool { return true }

// parseDjangoArgon2id reads a PHC string after the word that Django puts in front.
func parseDjangoArgon2id(rest string) (scheme, error) {
	a, err := parseArgon2id("$argon2id$" + rest)
	if err != nil {
		return nil, err
	}
	return foreignArgon2id{a}, nil
}

// argon2i is what PHP before 7.3 and others wrote (RFC 9106, section 3.1). It has the cost of an
// argon2id with the same Params.
type argon2i struct{ foreignArgon2id }

func parseArgon2i(rest string) (scheme, error) {
	a, err := parseArgon2id("$argon2id$" + rest)
	if err != nil {
		return nil, err
	}
	return argon2i{foreignArgon2id{a}}, nil
}

func (a argon2i) matches(plain string) bool {
	tag := argon2.Key([]byte(plain), a.salt, a.Passes, a.MemoryKiB, a.Lanes, uint32(len(a.tag)))
	return subtle.ConstantTimeCompare(tag, a.tag) == 1
}
