// Package timed signs and verifies small values for a while: what a form, a mail or a program hands
// out and wants to know again when it comes back.
//
// A [Signer] makes and takes the tokens of TimedJSONWebSignatureSerializer, which Python's itsdangerous
// had up to version 2.0, byte for byte: so a service that moves here from Flask keeps the tokens that
// are out there, and the two can work side by side.
//
//	signer, err := timed.New(secret, timed.Options{})
//	token, err := signer.Sign(map[string]int{"id": 42}, time.Hour)
//	…
//	var payload struct{ ID int }
//	err = signer.Verify(token, &payload)
//
// A [Purpose] is for links in mails: its tokens are good for one thing, for one subject, and until
// the subject's state changes.
//
// # What these tokens are not
//
// A token is signed and not sealed: whoever has it reads what is in it. It cannot be taken back: it
// is good until its time is over, unless something else makes it worthless, as a Purpose does. It says
// its time in its header, where readers of JSON Web Tokens (RFC 7519) do not look: to them it is one
// that never expires. So its secret must be no other program's key, and whoever signs in gets a session,
// not one of these.
package timed
