// Package relay passes on to services what changes in a server's store of sessions, so that each can answer
// from its own memory, and knows for how long it may.
//
// A service is to this server what this server is to its store: a node, with a lease of its own. A [Relay] hears of the changes
// of the store, keeps the last of them with their positions, and grants leases that end no later than the one
// that the server itself has: it cannot vouch for longer than somebody vouches for it. A service that asks too late for what it has
// missed is told that there is a gap, and forgets everything.
//
// Where revokes are strict, a Relay holds up the change itself until each service whose lease runs has said that it
// has applied it, or its lease has run out. So whoever waits for this server waits for its services, too.
package relay
