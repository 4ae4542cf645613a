// Package client knows the services that may ask about tokens: see RFC 7662. An operator adds a
// service and hands its secret on, once; afterwards the service proves with its id and that
// secret who it is.
//
//	clients := client.New(store)                          // a client.Store, such as memory.NewClients()
//	c, secret, err := clients.Add(ctx, "billing", "") // the secret is shown here, and never again
//	c, err = clients.Authenticate(ctx, id, sent)      // for each question
//
// A client is not a user: it has no role, no session and no page, and may do nothing but ask; unless its [Scope] lets
// it look at sessions by itself.
package client
