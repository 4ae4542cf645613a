// Package audit says what an audit log is: the events of the server, each with a number and a sum
// that covers the one before it, so that whoever removes or changes an entry breaks the chain.
//
// The sums are made under a key that is kept outside of the store: whoever can only write to the
// database cannot mend the chain. What a chain cannot tell is that its newest entries are missing;
// for that, keep what [Verify] returns, and give it to the next one.
package audit
