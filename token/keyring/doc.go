// Package keyring keeps the keys that tokens are signed with, and signs and verifies with them.
//
//	keys, err := keyring.Open(ctx, memory.NewKeys(), seal, keyring.Config{Every: 90 * 24 * time.Hour})
//	defer keys.Close()
//	token, err := keys.Sign([]byte(`{"sub":"…"}`))
//	claims, kid, err := keys.Verify(token)
//	mux.Handle("GET /.well-known/jwks.json", http.HandlerFunc(keys.ServeJWKS))
//
// It knows signatures and nothing of what is signed: who issued a token, for whom and until when is
// for package token to judge.
//
// # Three roles
//
// One key signs. The next one is there already, and published, so that a rotation can sign with it at
// once and whoever has remembered the published keys has it. Those that signed before are retired:
// they verify until their overlap is over, and are removed then. [Keyring.Rotate] moves each key on by
// one role, by hand or by schedule ([Config].Every). An overlap of zero is for keys that have leaked:
// all are replaced, the published next one too, and refused at once.
//
// # What is accepted
//
// A token of ours has one possible header for each key, so headers are compared and not parsed: the
// first part of a token is looked up, as it came, among those that our keys write. So there is no
// algorithm to choose, none to confuse, and no jku, x5u, jwk, crit or b64 to obey, and what a kid
// says reaches nothing but a map. The rest is bounded in size before anything is decoded, and each
// signature has one spelling. go-jose does the cryptography, held to the one algorithm of the key.
//
// # Where keys are
//
// A [Store] has them sealed with AES-256-GCM, each bound to its ID and algorithm, so that a stolen
// database signs nothing. The key that seals is the caller's, derived from a master key. Where it is
// another one than before, [Open] returns [ErrSealed] rather than making new keys in silence.
//
// Several processes may share a store. What one of them changes is decided by the store in one step,
// and the others know it 10 seconds later, or at once when they meet a token of a key that they do not
// know. In those 10 seconds another process also accepts a key that has leaked. Without its store a
// Keyring goes on with the keys that it has.
package keyring
