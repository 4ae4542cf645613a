// Package sqlstore keeps users, sessions and attempts in a SQL database: SQLite today.
//
//	import _ "modernc.org/sqlite" // or any other driver for SQLite
//
//	db, err := sql.Open("sqlite", "file:handstamp.db")
//	store, err := sqlstore.OpenSQLite(ctx, db)
//	sessions := session.New(store.Sessions())
//	people := account.New(store.Users())
//	limiter, err := throttle.New(store.Throttle(), key, throttle.Limits{})
//	…
//	limiter.Close() // in this order
//	sessions.Close()
//	store.Close()
//	db.Close()
//
// One connection of db writes, and takes a place in its pool; the others read. A handful is enough.
//
// # Durability
//
// The database is in WAL mode with synchronous=FULL: a write is on the disk when it returns, so
// what was acknowledged survives the end of the process and a power cut. As one such write costs
// a wait for the disk, writes that wait at the same time are committed together.
//
// # One owner
//
// SQLite lets several processes write one file, but their caches would not hear of each other's
// changes. So a Store takes a lock beside the file, and a second one gets [ErrOwned]. The lock
// goes with the process, however it ends.
package sqlstore
