package account_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// TestRefusalsDoNotFillTheLog: whoever goes on where there is nothing to be had leaves an event a minute,
// for each account or address that is refused. Whoever counts hears of all.
func TestRefusalsDoNotFillTheLog(t *testing.T) {
	home := handstamp.Origin{Address: netip.MustParseAddr("192.0.2.7")}
	one := throttle.Limit{Burst: 1, Every: 1000 * time.Hour}
	for name, c := range map[string]struct {
		limits throttle.Limits
		try    func(ctx context.Context, i int) (context.Context, string)
		reason string
		each   int // events in a minute
	}{
		"account": {
			throttle.Limits{Account: one},
			func(ctx context.Context, i int) (context.Context, string) { return from(ctx, i), bobsEmail },
			"account", 1,
		},
		"address, with invented accounts": {
			throttle.Limits{Address: one},
			func(ctx context.Context, i int) (context.Context, string) {
				return handstamp.WithOrigin(ctx, home), fmt.Sprintf("invented%d@x.de", i)
			},
			"address", 1,
		},
		"strangers": {
			throttle.Limits{Strangers: one},
			func(ctx context.Context, i int) (context.Context, string) {
				return from(ctx, i), fmt.Sprintf("invented%d@x.de", i)
			},
			"strangers", 1,
		},
		"more accounts than are noted": {
			throttle.Limits{Account: one, Strangers: throttle.Off},
			func(ctx context.Context, i int) (context.Context, string) {
				return from(ctx, i), fmt.Sprintf("invented%d@x.de", i%250)
			},
			"account", 128,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newGuarded(t, c.limits)
				log := memory.NewAudit(newChain())
				d.Audit = log
				var heard atomic.Int64
				d.Notify = func(_ context.Context, e handstamp.Event) {
					if strings.HasPrefix(e.Reason, account.RefusedReason) {
						heard.Add(1)
					}
				}
				guess := func() {
					var all sync.WaitGroup
					for i := range 500 {
						all.Go(func() {
							ctx, email := c.try(t.Context(), i)
							_, _ = d.Authenticate(ctx, email, "a secret that was typed")
						})
					}
					all.Wait()
				}
				guess()
				first := heard.Load()
				guess()
				if got := noted(t, log, c.reason); got != c.each {
					t.Errorf("%d refusals written down in one moment, want %d", got, c.each)
				}
				time.Sleep(time.Minute)
				guess()
				if got := noted(t, log, c.reason); got != 2*c.each {
					t.Errorf("%d refusals written down after a minute, want %d", got, 2*c.each)
				}
				if n := heard.Load(); n != first+1000 {
					t.Errorf("heard of %d refusals, want %d", n, first+1000)
				}
			})
		})
	}
}

// noted returns how many refusals by a limit are in the log, in which nothing may be that was typed.
func noted(t *testing.T, log audit.Log, limit string) (n int) {
	t.Helper()
	entries, err := log.Entries(t.Context(), audit.Filter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Reason == account.RefusedReason+limit {
			n++
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{"invented", "secret", "hbtn.io"} {
			if strings.Contains(string(text), typed) {
				t.Fatalf("an event holds what was typed: %s", text)
			}
		}
	}
	return n
}

// TestRefusalsNameTheUser, if there is one, in what is written down.
func TestRefusalsNameTheUser(t *testing.T) {
	d := newGuarded(t, throttle.Limits{Account: throttle.Limit{Burst: 1, Every: time.Hour}})
	log := &recorder{}
	d.Audit = log
	for _, email := range []string{bobsEmail, "eve@hbtn.io"} {
		for range 3 {
			_, _ = d.Authenticate(t.Context(), email, "wrong")
		}
	}
	var users []handstamp.ID
	for _, e := range log.events {
		if e.Reason == account.RefusedReason+"account" && e.Outcome == handstamp.Failure && e.Action == handstamp.ActionLogin {
			users = append(users, e.UserID)
		}
	}
	if len(users) != 2 || users[0] != d.bob.ID || !users[1].IsZero() {
		t.Errorf("refusals of %v, want bob and nobody", users)
	}
}

// TestEachRefusedAddressIsWrittenDown, whatever the emails that are invented there.
func TestEachRefusedAddressIsWrittenDown(t *testing.T) {
	people, log, _ := newHangingUp(t)
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
