// Package password turns passwords into text that is safe to keep, and checks them against it.
//
// New passwords are hashed with argon2id (RFC 9106) and written as PHC strings, which every other
// argon2id library reads:
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>
//
// [Default] is what the OWASP Password Storage Cheat Sheet asks for as a minimum: 19 MiB of
// memory, two passes, one lane. The stronger settings of RFC 9106 (64 MiB, three passes, four
// lanes) are within what a [Hasher] accepts; its first choice, 2 GiB for each login, is not. Salts
// have 16 bytes and tags 32, as RFC 9106, section 4, recommends.
//
// # Hashes of others
//
// Whoever moves here brings users whose passwords nobody knows. Their hashes are read as they
// are, and a right password asks to be hashed anew. Nothing writes them. [Known] tells before an
// import which of them can be read.
//
//	$argon2id$, $argon2i$                   PHC strings of anybody: PHP, passlib and others; version 19
//	argon2$argon2id$, argon2$argon2i$       Django
//	$2a$, $2b$, $2y$                        bcrypt of anybody: PHP, passlib, htpasswd -B
//	bcrypt$$2b$, bcrypt_sha256$$2b$         Django
//	$bcrypt-sha256$v=2,t=2b,r=              passlib
//	$wp$2y$                                 WordPress since 6.8
//	$scrypt$ln=                             passlib
//	scrypt:32768:8:1$                       Werkzeug
//	scrypt$16384$                           Django
//	$fbscrypt$v=1,n=14,r=8,p=1,ss=,sk=      Firebase
//	pbkdf2_sha256$, pbkdf2_sha1$            Django
//	pbkdf2:sha256:, :sha1:, :sha512:        Werkzeug
//	$pbkdf2$, $pbkdf2-sha256$, -sha512$     passlib
//	$5$, $6$                                SHA-crypt of crypt(3), with rounds= or not; htpasswd -2, -5
//	$P$, $H$                                phpass: WordPress before 6.8, phpBB
//	$apr1$, {SHA}                           htpasswd -m, -s
//	64 lower-case hexadecimal digits        an unsalted SHA-256, as the founding API kept it
//
// Firebase exports a salt and a hash for each user, and shows four values for the project. They
// are written together, each as Firebase writes it in base64, in the form that Supabase has for it:
//
//	$fbscrypt$v=1,n=MEM_COST,r=ROUNDS,p=1,ss=SALT_SEPARATOR,sk=SIGNER_KEY$SALT$HASH
//
// A password is bytes, and is compared as it was typed: UTF-8 or not, composed or not, with all
// its spaces. Some formats never saw all of it, and neither does the comparison. Plain bcrypt looks
// at 72 bytes. Plain bcrypt, SHA-crypt and $apr1$ end at a NUL; all others take it for a byte. What
// WordPress wrote may be typed with or without white space at both ends. The new hash is of
// the whole password, so that this holds for the first login only. Nothing is accepted that is
// empty after such a cut, and SHA-crypt and $apr1$ refuse more than 511 bytes, as crypt(3) does.
//
// # Bounds
//
// Everything here takes text from strangers, so everything has a limit. A password has at most
// [MaxBytes] and [MaxCodePoints]. A stored hash names its own cost, and one that names too much
// is refused before any memory is taken for it ([ErrCost]). A [Hasher] bounds the memory of all
// hashes under way and the queue in front of them, and says [ErrBusy] beyond that, so that a
// flood of logins cannot take the process down.
//
// What is computed, and where, is an [Engine]: this process ([Local]), or the processes of package
// worker, which leave the processors to those who need them for less than a login.
//
// Parsing and comparing are pure functions; the Hasher and its Engine are all that has a state.
//
// # Rules
//
// [Judge] says whether a password may be chosen: long enough, not among the most common ones, and
// not little more than a pattern or what everybody knows of its user.
//
// # Advice
//
// Use one Hasher for the whole process: two of them have two budgets. Raise its Params over the
// years and never lower them: a hash that costs more than the current Params takes longer to
// refuse than an unknown user does.
//
// The memory of a hash that was computed in this process is garbage until the next collection. Set
// GOMEMLIMIT where the budget is a large part of the machine.
package password
