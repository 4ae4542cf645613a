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
// One foreign form is read as well: the unsalted SHA-256 in 64 lower-case hexadecimal digits that
// the founding API kept. Nothing writes it; a right password asks to be hashed anew.
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
