// Package redisstore keeps sessions and attempts in Redis, from version 7 on, or in Valkey. Users stay elsewhere.
//
//	store, err := redisstore.Open(ctx, "redis://127.0.0.1", redisstore.Config{})
//	sessions := session.New(store.Sessions())
//	limiter, err := throttle.New(store.Throttle(), key, throttle.Limits{})
//	…
//	limiter.Close() // in this order
//	sessions.Close()
//	store.Close()
//
// # One step
//
// Each write is one script, which Redis runs alone: it decides whether a session is gone, changed or there already, keeps
// the indexes, and appends what changed to a stream with the position that it has. So positions are in the order of
// changes, without a gap. What is said on the channel only wakes nodes up; nothing rests on it.
//
// All keys have one hash tag, so that they are in one slot of a cluster, and a user's sessions with them.
//
// # Clocks
//
// The clock of Redis decides nothing but when keys go that nobody has removed: a day after the sessions in them have ended,
// or more.
//
// # What is promised
//
// Redis keeps what it has acknowledged as well as it is configured to: [Store.Guarantee] reads how well that is. With
// [Config.Replicas], logins and revokes wait until so many replicas have them, and so does each renewal of the lease; with
// as many as there are, a revoke holds through a failover, and a primary that was replaced without knowing it vouches for
// nothing. docs/redis.md has a table of all that.
package redisstore
