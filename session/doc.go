// Package session keeps people signed in: it begins, checks, renews and ends sessions.
//
// A session is opaque. The browser holds a random token in a cookie, a [Store] knows the session
// by the SHA-256 of that token, and a [Manager] stands between the two with a cache, so that
// checking a session costs a map lookup and ending one takes effect at once:
//
//	sessions := session.New(memory.New())
//	s, token, err := sessions.Begin(ctx, handstamp.Identity{UserID: id})
//	sessions.SetCookie(w, token)
//	…
//	guard := handstamp.NewGuard(sessions)
//
// # What ends stays ended
//
// Only [Manager.Begin] makes a session. [Manager.Renew], [Manager.Update] and [Manager.Touch]
// change one that is there, decided by the store in one step, and return [ErrGone] where there is
// none. So a slow request that finishes after a logout cannot bring the session back, which it
// can wherever a session is loaded at the start of a request and saved at its end.
//
// # Limits
//
// [Manager.Lifetime] counts from the beginning of a session and use does not prolong it;
// [Manager.Idle] counts from its last use. Both are judged at each check by the Manager's
// present settings. A session is still good in the very instant in which a limit is reached.
package session
