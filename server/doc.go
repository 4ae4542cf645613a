// Package server is the whole product as one [http.Handler]. A [Profile] says how it speaks, and what
// routes there are: [Product] for serve, [Classic] for the founding API;
// around the routes stand, from the outside in, the access log with a net for panics, the
// headers for other origins, the limits, and the gate that lets nobody pass who is not known.
//
//	handler := server.New(server.Config{Profile: server.Product(), People: people, Sessions: sessions, …})
//	err := server.Serve(ctx, listener, handler, log, nil)
package server
