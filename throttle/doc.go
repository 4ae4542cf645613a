// Package throttle limits how often passwords may be guessed: at one account, from one address, and
// at all accounts together.
//
//	limiter, err := throttle.New(store, key, throttle.Limits{})
//	…
//	ticket, err := limiter.Attempt(ctx, throttle.Try{Account: emailKey, Address: client, Device: device})
//	// on *throttle.Refused: answer 429 with Retry-After, and do not look at the password
//	// check the password; a wrong one needs no further call
//	err = ticket.Succeeded(ctx)
//
// # Charged first
//
// An attempt is charged before the password is looked at, and the charge is durable when
// [Limiter.Attempt] returns. So 500 guesses at once get exactly as far as 500 in a row, and a
// restart forgives none. A right password gets the charge back: what counts in the end are wrong
// ones.
//
// An attempt takes from several buckets, all of them or none, in one step of the [Store]. Each
// bucket is a generic cell rate algorithm (GCRA, ITU-T I.371): all it keeps is the time at which
// it will be full again.
//
// # The limits
//
//	limit       over                           at once   then one every          shut at
//	Account     one account                    5         10 s, doubling to 1 h   100 failures in a row
//	Address     an IPv4 address, an IPv6 /64   30        30 s
//	Network     an IPv4 /24, an IPv6 /48       150       5 s
//	Strangers   all that is not a device       1000      1 s
//	Device      a known device of an account   10        10 s, doubling to 15 m  100 failures in a row
//
// Account: a person who mistypes is not kept waiting; a program gets 14 guesses in the first 90
// minutes, one an hour after that, and none after 100, until [Limiter.Reset]. 100 is the limit of
// NIST SP 800-63B, section 3.2.2. Failures in a row are forgotten a day after the last for each
// that there was, and never once the account is shut.
//
// Address and Network: whole offices share an address, and their people's right passwords get
// their charges back. A person at home has an IPv6 /64, and often a /56 or /48, so that counting
// single IPv6 addresses would count nothing.
//
// Strangers: guesses at many accounts from many addresses (credential stuffing) are 86,400 a day
// at most. It also bounds how many buckets a store holds, as each wrong guess leaves four
// of them at most, for a day or so.
//
// # Who exists
//
// The package is not told whether there is such an account: it charges the same buckets, and
// answers alike, for accounts that exist, do not, or are disabled. For that reason Strangers
// counts guesses at every account. If it counted only those at accounts that do not exist, somebody
// could fill it up to the last place, try an email, and learn from the next guess who exists.
//
// # Known devices
//
// Anybody can use up the limits of somebody else's account, or of an address that is shared. The
// one whose account it is must still get in. So a login leaves a signed cookie in the browser
// ([Devices]), and an attempt that comes with it is charged to the device's own bucket and to
// nothing else: not even to the address, which a neighbour behind it may have used up. Such a cookie is
// made for one account only and cannot be had without its password, so it opens no second way to guess
// at others. A device that has used up its own bucket is treated like a stranger, which it could
// become anyway by dropping the cookie.
//
// The other way round, what a device gets right clears the failures of that device only. Otherwise
// a daily login would wipe out the trace of somebody who guesses from elsewhere.
//
// # What is stored
//
// Buckets are known by keyed hashes, so that a stolen database shows neither emails nor addresses.
package throttle
