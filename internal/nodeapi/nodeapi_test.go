package nodeapi_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/session"
)

// over returns what comes out at the other side.
func over[T any](t *testing.T, sent T) T {
	t.Helper()
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return got
}

var moment = time.Date(2026, 11, 22, 10, 0, 0, 123_456_000, time.UTC)

func TestRecordsComeOver(t *testing.T) {
	full := session.Record{
		Session: session.Session{
			ID: handstamp.NewID(), UserID: handstamp.NewID(), Role: "admin", BeganAt: moment, ProvedAt: moment, SeenAt: moment,
			Until: moment.Truncate(time.Second), Generation: 3, RotatedAt: moment.Truncate(time.Second), Device: "Zoë's \"phone\"", Address: "::1",
		},
		Hash: session.RandomToken().Hash(), Revision: 7, Data: []byte{0, 1, 0xff},
	}
	bare := session.Record{Session: session.Session{ID: full.ID, UserID: full.UserID, BeganAt: moment}, Hash: full.Hash}
	for _, want := range []session.Record{full, bare, {}} {
		if diff := cmp.Diff(want, over(t, nodeapi.RecordOf(want)).Read()); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
	}
}

func TestSelectionsComeOver(t *testing.T) {
	user, id, hash := handstamp.NewID(), handstamp.NewID(), session.RandomToken().Hash()
	expired := session.Selection{}
	expired.Expired.SeenBefore, expired.Expired.Limit = moment, 500
	for _, want := range []session.Selection{{}, {Hash: hash}, {UserID: user, ID: id}, {UserID: user, Except: hash}, expired} {
		if diff := cmp.Diff(want, over(t, nodeapi.EndOf(want, nil)).Selection()); diff != "" {
			t.Errorf("selection (-want +got):\n%s", diff)
		}
	}
}

func TestEventsAndChangesComeOver(t *testing.T) {
	event := handstamp.Event{
		At: moment, Action: handstamp.ActionLogin, Outcome: handstamp.Success, Reason: "why", Actor: "operator", ActorID: handstamp.NewID(),
		UserID: handstamp.NewID(), SessionID: handstamp.NewID(),
		Origin: handstamp.Origin{Address: netip.MustParseAddr("192.0.2.1"), Device: "Phone", Trace: "abc"},
	}
	for _, want := range []handstamp.Event{event, {At: moment, Action: "x", Outcome: handstamp.Failure}} {
		got := over(t, nodeapi.EventsOf([]handstamp.Event{want}))[0].Read()
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	}
	changes := []session.Change{{Hash: session.RandomToken().Hash()}, {UserID: handstamp.NewID()}, {}}
	if diff := cmp.Diff(changes, nodeapi.ReadChanges(over(t, nodeapi.ChangesOf(changes)))); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// TestHashes have one spelling.
func TestHashes(t *testing.T) {
	good := strings.Repeat("0a", 32)
	var h nodeapi.Hash
	if err := h.UnmarshalText([]byte(good)); err != nil || h.IsZero() {
		t.Errorf("%v", err)
	}
	for _, text := range []string{"", good[1:], good + "0", strings.ToUpper(good), strings.Repeat("0g", 32), " " + good[1:]} {
		if err := h.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for a hash", text)
		}
	}
}
