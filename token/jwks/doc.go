// Package jwks is for services behind Handstamp: it tells who is calling by the signed token that comes along, and asks
// nobody.
//
//	callers, err := jwks.New(jwks.Config{
//		Issuer:   "https://id.example.com",  // public-url of the Handstamp server
//		Audience: "https://app.example.com", // the origin of the app, as browsers know it
//	})
//	guard := handstamp.NewGuard(callers)
//	http.ListenAndServe("localhost:8081", guard.Require()(mux))
//
// A [Verifier] is an Authenticator for the tokens that a proxy gets from /verify and hands on in the Authorization
// header. It needs no store, no session and no secret: all that it knows of the server are its public keys, which it gets
// from there and remembers.
//
// # What a token proves
//
// That the server knew this user, session and role a moment ago, and for which app: a token of another app is refused. It
// lives for a lease, two seconds unless the server is told otherwise, and that is how long a logout may take to reach this
// service. When the password was typed it does not say, so that [handstamp.Fresh] refuses everybody here: put such a rule
// into the proxy.
//
// # What is refused
//
// Each key has one algorithm, EdDSA, ES256 or RS256, and the header of a token has to name both, be of the type at+jwt,
// and say nothing else: no jku, x5u or jwk that would bring a key along, and no crit. Names that come twice, base64 that
// two readers read in two ways, and tokens of more than 4096 bytes are refused before any key is looked for.
//
// # When the server is away
//
// Keys are remembered for as long as the answer says (one minute to an hour), and for an hour more while the server
// cannot be reached. A token of a key that is not known makes the Verifier look again, at most once in a second. Where it
// cannot tell, its error means 503, and never 401. Requests wait for keys at most five seconds, and not at all while the
// server is known to be away and there are keys to go on with.
package jwks
