// Package oldcookie lets those stay signed in who come with the session cookie of another system, from
// which their sessions were brought over: such a cookie is taken once, for one of ours.
//
//	old := oldcookie.New(sessions, "PHPSESSID")
//	handler = old.Exchange(handler, refuse)
//
// A session that was brought over is in the store under [TokenOf] its old id, until its browser
// comes. Then it is renewed: it gets a token of ours, the browser gets the cookie for that and loses
// the old one, and from then on the old id means nothing. What the old system still does with its
// cookie is not looked at: a request that has a cookie of ours goes on as it came.
//
// # Fixation
//
// Only an id that was brought over is ever taken; any other is as if it were not there, and costs one
// look into the store, as a session cookie that is not good does. It has to be one that nobody can
// guess. Somebody who has an old session can still plant its cookie in another browser, and so let
// somebody else sign in as themselves, as with any cookie that has no __Host- prefix; that ends with
// the first use of the id.
//
// # Several requests at once
//
// A page loads many things, and each of these requests comes with the old cookie. The first one
// renews the session, and the others wait for it; all of them, and those that come within [Grace]
// after it, are answered with the same new token. So there is one session, and whichever answer
// arrives last, or gets lost, the browser stays signed in. The new token is remembered for that time
// in this process and nowhere else; a request with the old id that another process gets is not signed
// in and changes no cookie.
package oldcookie
