// Package server is the whole product as one [http.Handler]. A [Profile] says how it speaks;
// around the routes stand, from the outside in, the access log with a net for panics, the
// headers for other origins, the limits, and the gate that lets nobody pass who is not known.
//
//	handler := server.New(server.Config{Profile: server.Classic(cookie), People: people, …})
//	err := server.Serve(ctx, listener, handler)
package server
