package password

// How long one step of each hash takes, in nanoseconds, for the work of a scheme. All were
// measured in one run (go test -bench Work) on one core with instructions for SHA; only
// what they are to each other counts. On other processors that differs, by some
// percent for most and by a factor of three for SHA without instructions, and the time that
// Verify adds to a cheap hash with it.
const (
	kibTime = 650 // argon2: going over one KiB once

	bcryptRoundTime  = 57_000 // one of the 2^cost rounds
	scryptKiBTime    = 2350   // filling one KiB and reading it again
	pbkdf2SHA1Time   = 180    // one iteration
	pbkdf2SHA256Time = 163
	pbkdf2SHA512Time = 460

	roundTime       = 50 // what a round of MD5 or SHA-2 takes besides its blocks
	md5BlockTime    = 76
	sha256BlockTime = 38
	sha512BlockTime = 170
)

// maxForeignSalt is the longest salt in a foreign hash that is decoded, in bytes.
const maxForeignSalt = 128
