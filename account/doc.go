// Package account keeps the people who may sign in, and is the one place where a password is
// checked.
//
//	people := account.New(users)
//	mux.Handle("POST /login", people.SignIn(sessions))
//	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))
//
// # Equal work
//
// Whoever guesses must not learn whether an account exists. So [Directory.Authenticate] first asks the
// [throttle.Limiter], with nothing but what was typed; who is refused there has made nobody look for a
// user. Then it does the same work for an unknown user, a wrong password, a user who is disabled, one
// without a password and one whose hash was imported: one lookup and one computation of the present
// password hash. As equal work is not quite equal time, a refusal waits until three times what
// refusals usually take has passed; a right password does not wait. What is left to see is a hash
// that takes longer than that by itself, such as a bcrypt with a high cost, until its owner has
// signed in once.
//
// What the caller may tell the client is another matter: [ErrUnknownUser], [ErrWrongPassword] and
// [ErrDisabled] all wrap [handstamp.ErrBadCredential], and only the founding API tells them apart.
// For that one, which has [Directory.Verbatim] set, nobody waits.
//
// # What is written down
//
// Each wrong password becomes an event, and each account, address or network that is refused one a minute,
// 128 a minute in all. Nothing that was typed is in any of them.
//
// # What revokes
//
// Deleting or disabling a user, and another password, email or role end the user's sessions, in every session manager that
// the Directory knows of: see [Directory.Attach]. A login that is under way at that moment does
// not slip through, as it looks again after its session has begun. Reset links that were made before are
// worth nothing any more: see [Directory.NewResetLink].
package account
