// Package outbox tells other systems what happens to users and sessions: a webhook, a message queue, a receiver of
// security events.
//
//	deliverer, err := outbox.Start(ctx, store.Outbox(), outbox.Config{
//		Source:       "https://id.example.com",
//		Destinations: []outbox.Destination{{Name: "webhook", Publisher: webhook.New(…)}},
//	})
//	defer deliverer.Close()
//
// # The log is the queue
//
// What has happened stands in the audit log, written in the transaction of what happened, in the order of the commits
// and without a gap. So nothing is written a second time to be sent: a destination has a position in that log, and what
// is behind the position is still to be delivered. An event that is in the log is delivered, and one that is not has
// not happened. Entries are not trimmed before they are delivered.
//
// # What is promised
//
// At least once. A [Message] is done when its [Publisher] says so, and the position moves when all before it are done; where a
// process dies in between, some messages come twice, with the same ID.
//
// In order for each user. The next message of a user waits until the one before is done. Messages of different users
// do not wait for each other, nor does one destination for another.
//
// Failures are repeated, less and less often. Where others get through, a message that fails for a quarter of an hour
// becomes a dead [Letter]: then it is the message, and its user's next ones must not wait for ever. Where nothing gets through,
// the destination is left alone but for one try in a while, and messages become dead letters when they are three days old.
// Dead letters are kept until an operator has them tried again, or drops them.
//
// # One of many
//
// Of several processes that share a store one delivers at a time: the one that has the [Turn]. The others watch whether it
// still moves; after [Patience] without a move one of them takes over. No clock of one is compared with that of another. What
// the one before does late is refused by the store, and can at most have been sent twice.
package outbox
