// Package remotestore is another Handstamp server as a store of sessions: the verifier that a service embeds. The service
// checks cookies in its own process, from memory, and a session that has ended is refused there, too, within milliseconds while all is well
// and within the lease whatever breaks.
//
//	sessions := session.New(remotestore.New("https://login.internal", os.Getenv("CLIENT_SECRET")))
//	guard := handstamp.NewGuard(sessions)
//	mux.Handle("GET /orders", guard.Require()(orders))
//
// An operator of the server makes the secret: "handstamp client add shop --scope verify". With that scope, sessions are
// looked up, their use is noted, and the session of a token that somebody brings can be ended; to begin and change sessions, and to list and
// end those of everybody, it takes --scope sessions.
//
// # What the service has to set
//
// The browser sends the cookie to the service only if it was set for its name, too, and the service finds it only under the
// name that the server gave it. So Cookie of the [session.Manager] has to be what the server's settings say: Insecure where its public URL has no
// https, and Domain where its cookie-domain is set. Idle and Lifetime should be the server's session-idle and session-lifetime, too: each judges limits by its own.
//
// # What it answers when it cannot know
//
// As long as the lease holds, memory is right. After that each request asks the server; if that cannot be reached, the
// answer is 503, as nobody knows whether the session has ended: never 200, and never 401, upon which a browser would throw its cookie away.
//
// The decisions are those of a node of the server's own store, and of the same code. What goes over the wire is in docs/microservices.md.
package remotestore
