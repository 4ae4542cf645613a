package password

import "strings"

// A scheme is a stored hash that was parsed.
type scheme interface {
	// memoryKiB is the memory that it takes to compute it, in KiB.
	memoryKiB() uint32
	// work is the time that it takes to compute it for plain, in the unit of Params.work. It
	// depends on nothing of plain but its length.
	work(plain string) uint64
	// matches reports whether it is a hash of plain. It does all of its work in any case and
	// compares in constant time.
	matches(plain string) bool
	// isOutdated reports whether Hash would write another kind of hash under current.
	isOutdated(current Params) bool
}

// foreign is what all hashes have in common that are not written here: they are outdated.
type foreign struct{}

func (foreign) isOutdated(Params) bool { return true }

// forms are what a stored hash may begin with, and what reads the rest.
var forms = []struct {
	prefix string
	parse  func(rest string) (scheme, error)
}{
	{"$argon2id$", parsePHC},
	{"$argon2i$", parseArgon2i},
	{"argon2$argon2id$", parseDjangoArgon2id},
	{"argon2$argon2i$", parseArgon2i},

	{"$2a$", parseBcrypt},
	{"$2b$", parseBcrypt},
	{"$2y$", parseBcrypt},
	{"bcrypt$", parseDjangoBcrypt},
	{"bcrypt_sha256$", parseDjangoBcryptSHA256},
	{"$bcrypt-sha256$", parsePasslibBcryptSHA256},
	{"$wp", parseWordPressBcrypt},

	{"$scrypt$", parsePasslibScrypt},
	{"scrypt:", parseWerkzeugScrypt},
	{"scrypt$", parseDjangoScrypt},
	{"$fbscrypt$", parseFirebaseScrypt},

	{"pbkdf2_sha256$", parseDjangoPBKDF2(sha256Digest)},
	{"pbkdf2_sha1$", parseDjangoPBKDF2(sha1Digest)},
	{"pbkdf2:", parseWerkzeugPBKDF2},
	{"$pbkdf2$", parsePasslibPBKDF2(sha1Digest)},
	{"$pbkdf2-sha256$", parsePasslibPBKDF2(sha256Digest)},
	{"$pbkdf2-sha512$", parsePasslibPBKDF2(sha512Digest)},

	{"$5$", parseSHACrypt(sha256Crypt)},
	{"$6$", parseSHACrypt(sha512Crypt)},
	{"$apr1$", parseAPR1},
	{"$P$", parseWordPressPhpass},
	{"$H$", parsePhpass},
	{"{SHA}", parseSHA1},
}

// parse returns what encoded says. Its errors are [ErrFormat] and [ErrCost].
func parse(encoded string) (scheme, error) {
	if len(encoded) > MaxEncoded {
		return nil, ErrFormat
	}
	for _, form := range forms {
		if rest, has := strings.CutPrefix(encoded, form.prefix); has {
			return form.parse(rest)
		}
	}
	return parseSHA256Hex(encoded)
}

// Known returns nil if [Hasher.Verify] can check passwords against encoded, and otherwise
// [ErrFormat] or [ErrCost], so that whoever imports hashes can tell beforehand. An empty encoded
// is ErrFormat.
func Known(encoded string) error {
	_, err := parse(encoded)
	return err
}
