// Package token makes bearer tokens of sessions: signed, so that other services can tell who is
// calling without asking anybody, and good for no longer than their session, so that here a
// logout ends them at once.
//
//	tokens, err := token.New(sessions, keys, token.Config{Issuer: "https://id.example.com", Secret: secret})
//	_, bearer, err := tokens.Begin(ctx, handstamp.Identity{UserID: id, Role: "editor"})
//	…
//	guard := handstamp.NewGuard(sessions, tokens)
//
// # What a token is
//
// A token is a JSON Web Token (RFC 7519) of the type at+jwt (RFC 9068). It says who (sub), with which
// role, by which session (sid), and until when (exp). Whoever has it can read it; nobody can
// change it. What it does not hold is the opaque token of its session: that is an HMAC of the session's
// ID, made where it is needed, so that the session is found like any other, in the same cache.
//
// # Renewing
//
// [Tokens.Renew] gives a token of the next generation. Two tabs may renew at once, and an answer
// may get lost: so for [Grace] the token before is still good, and renewing it gives a token of the
// same new generation, and renewing the new one makes no further generation yet. Whatever comes later with a token that was replaced has stolen it, or had it
// stolen: nobody can tell, and the session ends.
//
// # Other services
//
// [Tokens.ForUpstream] makes the token that tells an app behind a proxy who is asking. It is for that
// app alone (aud), lasts for seconds, and opens nothing here.
package token
