package outbox_test

import (
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/outbox"
)

// TestCloudEvent is the form in which others read messages.
func TestCloudEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		user, session := ann, bob
		events := []handstamp.Event{
			{
				At: time.Date(2026, 11, 22, 9, 0, 0, 5000, time.UTC), Action: handstamp.ActionRoleChange, Outcome: handstamp.Success,
				Reason: "user to admin", Actor: "operator", UserID: user, SessionID: session,
				Origin: handstamp.Origin{Address: netip.MustParseAddr("192.0.2.7"), Device: "curl/8 <\xff>", Trace: "4bf92f", Operator: "operator"},
				Err:    errRefused,
			},
			{At: time.Date(2026, 11, 22, 9, 0, 1, 0, time.UTC), Action: handstamp.ActionLogin, Outcome: handstamp.Failure},
		}
		if err := h.log.Record(t.Context(), events...); err != nil {
			t.Fatal(err)
		}
		time.Sleep(soon)
		got := box.messages()
		slices.SortFunc(got, func(a, b outbox.Message) int { return int(a.Number - b.Number) })
		if len(got) != 2 {
			t.Fatalf("%d messages", len(got))
		}
		for i, text := range []string{
			`{"specversion":"1.0","id":"ID","source":"https://id.example.com","type":"com.handstamp.role-change","subject":"USER",` +
				`"time":"2026-11-22T09:00:00.000005Z","datacontenttype":"application/json","sequence":"0000000000000000001",` +
				`"data":{"outcome":"success","reason":"user to admin","actor":"operator","user_id":"USER","session_id":"SESSION",` +
				`"address":"192.0.2.7","device":"curl/8 \u003c` + `\ufffd\u003e","trace":"4bf92f"}}`,
			`{"specversion":"1.0","id":"ID","source":"https://id.example.com","type":"com.handstamp.login",` +
				`"time":"2026-11-22T09:00:01Z","datacontenttype":"application/json","sequence":"0000000000000000002","data":{"outcome":"failure"}}`,
		} {
			text = strings.NewReplacer("ID", got[i].ID, "USER", user.String(), "SESSION", session.String()).Replace(text)
			if string(got[i].JSON) != text {
				t.Errorf("got  %s\nwant %s", got[i].JSON, text)
			}
		}
		if got[0].ID == got[1].ID || len(got[0].ID) != 32 {
			t.Errorf("IDs %q and %q", got[0].ID, got[1].ID)
		}
	})
}

// TestSameEventSameID: whoever gets a message twice can tell, also after a restart; and another event at the same place of another log is
// another message.
func TestSameEventSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := make(map[string]int)
		event := handstamp.NewEvent(t.Context(), handstamp.ActionLogin)
		for _, reason := range []string{"one", "one", "another"} {
			h, box := newHouse(t), new(mailbox)
			d := h.start(h.outbox, box.destination("box"))
			event.Reason = reason
			if err := h.log.Record(t.Context(), event); err != nil {
				t.Fatal(err)
			}
			d.Wake()
			time.Sleep(soon)
			d.Close()
			ids[box.messages()[0].ID]++
		}
		if len(ids) != 2 {
			t.Errorf("%v", ids)
		}
	})
}

// TestNobodyIsToldOfEverything: what is not about users and sessions stays in the log, and does not hold anything up.
func TestNobodyIsToldOfEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box, some := newHouse(t), new(mailbox), new(mailbox)
		picky := some.destination("some")
		picky.Wants = func(m outbox.Message) bool { return m.Type == "com.handstamp.logout" }
		d := h.start(h.outbox, box.destination("box"), picky)
		defer d.Close()
		for _, action := range []handstamp.Action{
			handstamp.ActionKeyRotate, handstamp.ActionLogin, handstamp.ActionClientCreate, handstamp.ActionLogout, handstamp.ActionAuditTrim, handstamp.ActionExport,
		} {
			h.happen(ann, action, string(action))
		}
		time.Sleep(2 * time.Minute)
		want(t, "told", box.reasons(ann), "login", "logout")
		want(t, "told who wants little", some.reasons(ann), "logout")
		for _, name := range []string{"box", "some"} {
			if b := h.backlog(name); b != (outbox.Backlog{}) {
				t.Errorf("%s: %+v", name, b)
			}
		}
	})
}

// TestDocs: the page of events has each type that there is, and no other.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(com\\.handstamp\\.[a-z-]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		named = append(named, row[1])
	}
	if diff := cmp.Diff(outbox.Types(), named); diff != "" {
		t.Errorf("types (-code +page):\n%s", diff)
	}
}
