// Package sqlstore keeps users, sessions and attempts in a SQL database: SQLite, or PostgreSQL for several nodes.
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
// SQLite is in WAL mode with synchronous=FULL, PostgreSQL commits with synchronous_commit on or stricter: a write is on the disk when it returns, so
// what was acknowledged survives the end of the process and a power cut. As one such write costs
// a wait for the disk, writes that wait at the same time are committed together.
//
// # One owner, or several nodes
//
// On PostgreSQL any number of processes may have a Store on one database: see [OpenPostgres], and the package postgres, which brings the driver.
// Their caches hear of each other's changes through the database, and the lease of [Sessions.Lease] says how long they may be trusted.
//
// SQLite lets several processes write one file, but their caches would not hear of each other's
// changes. So a Store takes a lock beside the file, and a second one gets [ErrOwned]. The lock
// goes with the process, however it ends.
package sqlstore
