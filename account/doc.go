// Package account keeps the people who may sign in, and is the one place where a password is
// checked.
//
//	people := account.New(users)
//	mux.Handle("POST /login", people.SignIn(sessions))
//	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))
//
// # Equal work
//
// Whoever guesses must not learn whether an account exists, so [Directory.Authenticate] does the
// same work for an unknown user, a wrong password, a user without a password and one whose hash
// was imported: one lookup and one computation of the present password hash. What the caller may
// tell the client is another matter: [ErrUnknownUser] and [ErrWrongPassword] both wrap
// [handstamp.ErrBadCredential], and only the founding API tells them apart.
//
// # What revokes
//
// Deleting a user and setting a password end the user's sessions, in every session manager that
// the Directory knows of: see [Directory.Attach]. A login that is under way at that moment does
// not slip through, as it looks again after its session has begun.
package account
