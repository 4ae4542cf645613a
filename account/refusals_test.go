package account_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// TestRefusalsDoNotFillTheLog: who is refused because of the address writes one event in a while, whatever
// the emails that they invent.
func TestRefusalsDoNotFillTheLog(t *testing.T) {
	people, log, _ := newLimited(t)
	from := func(address string) context.Context {
		return handstamp.WithOrigin(t.Context(), handstamp.Origin{Address: netip.MustParseAddr(address)})
	}
	refused := func() (n int) {
		for _, e := range log.events {
			if e.Reason == account.RefusedReason+"address" {
				n++
			}
		}
		return n
	}
	for i := range 100 {
		_, _ = people.Authenticate(from("192.0.2.1"), fmt.Sprintf("a%d@example.com", i), "wrong")
	}
	if n := refused(); n != 1 {
		t.Errorf("%d events of one address that is refused, want 1", n)
	}
	for i := range 31 {
		_, _ = people.Authenticate(from("192.0.2.2"), fmt.Sprintf("b%d@example.com", i), "wrong")
	}
	if n := refused(); n != 2 {
		t.Errorf("%d events of two addresses that are refused, want 2", n)
	}
}
