package audit_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

func newEvent() handstamp.Event {
	return handstamp.Event{
		At: time.Date(2026, 11, 22, 9, 0, 0, 5000, time.UTC), Action: handstamp.ActionLogin, Outcome: handstamp.Failure,
		Reason: "wrong password", UserID: handstamp.IDOf("ann"),
		Origin: handstamp.Origin{Address: netip.MustParseAddr("192.0.2.7"), Device: "curl/8", Trace: "4bf92f"},
	}
}

// TestSumCovers every field that is kept: what could be changed without a trace is worth nothing.
func TestSumCovers(t *testing.T) {
	chain := audit.NewChain([]byte("key"))
	base := chain.Link(audit.Mark{}, newEvent())
	for name, change := range map[string]func(*handstamp.Event){
		"At":        func(e *handstamp.Event) { e.At = e.At.Add(time.Microsecond) },
		"Action":    func(e *handstamp.Event) { e.Action = handstamp.ActionLogout },
		"Outcome":   func(e *handstamp.Event) { e.Outcome = handstamp.Success },
		"Reason":    func(e *handstamp.Event) { e.Reason = "" },
		"Actor":     func(e *handstamp.Event) { e.Actor = "operator" },
		"ActorID":   func(e *handstamp.Event) { e.ActorID = handstamp.IDOf("bob") },
		"UserID":    func(e *handstamp.Event) { e.UserID = handstamp.IDOf("bob") },
		"SessionID": func(e *handstamp.Event) { e.SessionID = handstamp.IDOf("s") },
		"Address":   func(e *handstamp.Event) { e.Address = netip.MustParseAddr("192.0.2.8") },
		"Device":    func(e *handstamp.Event) { e.Device += "x" },
		"Trace":     func(e *handstamp.Event) { e.Trace += "x" },
		"a boundary": func(e *handstamp.Event) {
			e.Device, e.Trace = e.Device+e.Trace[:1], e.Trace[1:]
		},
	} {
		e := newEvent()
		change(&e)
		if chain.Link(audit.Mark{}, e).Sum == base.Sum {
			t.Errorf("%s can be changed without a trace", name)
		}
	}
	if chain.Link(audit.Mark{Number: 1}, newEvent()).Sum == base.Sum {
		t.Error("the number can be changed without a trace")
	}
	if chain.Link(audit.Mark{Sum: base.Sum}, newEvent()).Sum == base.Sum {
		t.Error("the entry before can be changed without a trace")
	}
	if audit.NewChain([]byte("other")).Link(audit.Mark{}, newEvent()).Sum == base.Sum {
		t.Error("the sum does not depend on the key")
	}
}

// TestJSON is the form in which others read entries.
func TestJSON(t *testing.T) {
	e := audit.NewChain(nil).Link(audit.Mark{}, newEvent())
	e.Sum = audit.Sum{0xab}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"number":1,"at":"2026-11-22T09:00:00.000005Z","action":"login","outcome":"failure",` +
		`"reason":"wrong password","actor":"","actor_id":null,"user_id":"ID","session_id":null,` +
		`"address":"192.0.2.7","device":"curl/8","trace":"4bf92f","sum":"ab00`
	if !strings.HasPrefix(string(text), strings.Replace(want, "ID", e.UserID.String(), 1)) {
		t.Errorf("got %s", text)
	}
	var back audit.Entry
	if err := json.Unmarshal(text, &back); err != nil || back != e {
		t.Errorf("back: %+v, %v", back, err)
	}
}
