// Package history judges what clients have seen of a cluster that was being broken: whether a revoked
// session was accepted too late, came back, or was refused though nobody had ended it.
//
// A test writes down each request, with when it was sent and when its answer was there, both by one
// monotonic clock, in a [History]. Nothing is known of what happened inside. [History.Check] holds it against the promises
// rule by rule, and [History.Linearize] has porcupine look for an order in which a simple session could have
// answered all of that. Two judges that share nothing but the history are less likely to be wrong alike.
//
// What was sent and not answered, or answered with 5xx, promises nothing: it may have happened, be about
// to, or never will.
package history
