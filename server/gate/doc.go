// Package gate is a small reverse proxy in front of one app, for those who have no proxy that could ask the
// server who is asking. It decides about each request, and passes on what may pass.
//
//	upstream, err := gate.NewUpstream(&url.URL{Scheme: "http", Host: "localhost:8080"}, gate.Limits{})
//	handler := gate.New(gate.Config{Upstream: upstream, Decide: decide, Alive: alive, …})
//
// What the app may rely on:
//
//   - X-Auth-User, -Email, -Role, -Session and Authorization are ours or are not there, whatever the client has sent
//     and however it was spelt. A header whose name has anything but letters, digits and hyphens goes no further, as
//     CGI and its descendants read X_Auth.User as X-Auth-User.
//   - It never sees what signs people in: cookies of the server are taken out of requests, a password or token in
//     Authorization is too, and the app cannot set a cookie in the place of one of those.
//   - The target of a request is passed on byte for byte as it was decided about. What could not be is refused.
//   - X-Forwarded-For has one address, the client's as the server has found it out, X-Forwarded-Proto is what the
//     browser speaks, and Host, as X-Forwarded-Host, is what it has asked for.
//   - Who has lost their session loses what is still open: within Config.Recheck a WebSocket, a stream and an upload
//     are cut, too.
//
// On public paths, too, Authorization is removed where it is not ours: it may hold a password of the server, which is for
// nobody else, and an app that finds one must not have to ask itself whose it is. A sender that proves to the app
// itself who it is uses another header there.
//
// All else belongs to the app: its headers, its caching, its compression and its cookies. Whether a page of another site may
// send something is the gate's to say only where the session gives a request its weight; see Config.SameSite.
package gate
