// Package handstamp answers one question for each request: who is asking, and may they?
//
// Five words carry the package. An [Identity] says who is asking. An [Authenticator] reads one
// kind of credential from a request and answers with an Identity, with "nothing good here", or
// with "I am broken". A [Policy] decides what an Identity may do. A [Guard] puts them in front
// of a handler. [From] gives the handler the Identity back.
//
//	people := account.New(users) // an account.Store, such as memory.NewUsers()
//	sessions := session.New(memory.New())
//	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))
//	guard.Public = []string{"/login", "/logout"}
//
//	mux.Handle("/login", people.SignIn(sessions))
//	mux.Handle("/logout", sessions.SignOut())
//	mux.HandleFunc("/me", me)
//	mux.Handle("/admin", guard.Require(handstamp.Role("admin"), handstamp.Fresh(5*time.Minute))(admin))
//
//	http.ListenAndServe("localhost:8080", guard.Require()(mux))
//
// The package depends on the standard library only and knows no store, no password and no
// cookie: those live in the packages session, account, password and store, which depend on this
// one and never the other way round.
//
// # Advice
//
// Put one Guard around the whole mux and name what is public, rather than guarding handler by
// handler: what nobody thought of is then protected. What a single route requires beyond that stands
// inside of it, as for /admin above; who is asking is found out once.
//
// Wrap a site that browsers write to in [net/http.CrossOriginProtection]. The handlers for signing
// in and out bring their own.
//
// Never answer 401 because a store is down. A browser that is told 401 throws a good session
// away; 503 lets it come back. A Guard does this by itself as long as an Authenticator returns
// the store's error as it is, and not [ErrBadCredential].
package handstamp
