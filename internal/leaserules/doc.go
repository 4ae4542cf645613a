// Package leaserules replays what nodes really did against the rules of the leased cache that docs/proof shows to matter.
// Tests that break things record a log; [Check] says what in it no correct node would have done.
//
// # The log
//
// A log is JSON, one object a line, each a [Line], in any mixture of nodes and clients. All times and durations are integers, in nanoseconds.
// Those of a node are on its own monotonic clock, from any origin (its start, say), and are compared only with times of the same
// node. Those of clients are on one clock for all of them. A process that starts again is another node and has
// another name.
//
//	{"kind":"node","node":"a1","lease":2000000000,"margin":40000000}
//	{"kind":"renewal","node":"a1","noted":100,"applied":900,"end":1960000100,"incarnation":"x7","after":-1,"head":41,"cleared":true}
//	{"kind":"renewal","node":"a1","noted":500000100,"applied":500000900,"end":2460000100,"incarnation":"x7","after":41,"head":43,"changes":2}
//	{"kind":"lookup","node":"a1","at":500001000,"session":"s1","from":"cache","decision":"accepted"}
//	{"kind":"lookup","node":"a1","at":500001900,"session":"s2","from":"store","decision":"refused"}
//	{"kind":"revoke","node":"a1","session":"s1","start":700,"answered":800,"mode":"strict"}
//	{"kind":"request","node":"b1","session":"s1","start":810,"answered":830,"decision":"refused"}
//
// There are five kinds:
//
//   - "node" comes before all other lines of a node, also before those of clients that name it: how long its leases are, and what it takes off
//     for clocks that run at different rates.
//   - "renewal" is one renewal that ended with a lease: when it was noted, before the store was asked; when everything in it was
//     applied; and until when the cache may be trusted; then the incarnation of the store, the feed position up to which the node
//     had applied everything before it, or -1 if it knew nothing; the position up to which it has now; how many changes it applied; and
//     whether it emptied the cache. The renewals of a node are in their order. One that failed is no line.
//   - "lookup" is one question about a session that a node has decided: the reading of the clock that was held against the lease,
//     taken after the lookup; whether the answer came from the cache or from the store; and the decision: "accepted",
//     "refused" (there is no such session), or "blind" (the store could not be asked: 503). Not every lookup has to be logged, and they may be anywhere.
//   - "revoke" is a revoke as its client saw it: the call, and the answer that said it was done. One without such an answer
//     is no line. Mode is "bounded" or "strict".
//   - "request" is a request as its client saw it, with a decision as above. One without an answer is no line. Node is the one that
//     answered.
//
// # The rules
//
// A lease ends no later than its length, less the margin, after the noted time. What a renewal did not
// follow without a gap, from the position before it and in the same incarnation, emptied the cache; so did the first one. Nothing is accepted from the
// cache outside of a lease that all of what came with it had been applied for. No request that started more than the longest lease after the answer
// to a revoke is accepted; where that was strict, or the node is the one that answered it, none that started after the answer.
// What a node has refused, it never accepts again.
package leaserules
