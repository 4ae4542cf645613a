// Package storetest is the contract of the stores as tests: whoever writes a store runs these,
// under the race detector.
//
//	func TestSessions(t *testing.T) {
//		storetest.Sessions(t, func(t *testing.T) session.Store { return mystore.New() })
//	}
package storetest
