package nodeapi

import (
	"net/netip"
	"time"

	"github.com/handstamp/handstamp"
)

// An Event is a [handstamp.Event] that a service wants in the audit log with what it does.
type Event struct {
	At        time.Time         `json:"at"`
	Action    handstamp.Action  `json:"action"`
	Outcome   handstamp.Outcome `json:"outcome"`
	Reason    string            `json:"reason,omitzero"`
	Actor     string            `json:"actor,omitzero"`
	ActorID   handstamp.ID      `json:"actor_id,omitzero"`
	UserID    handstamp.ID      `json:"user_id,omitzero"`
	SessionID handstamp.ID      `json:"session_id,omitzero"`
	Address   netip.Addr        `json:"address,omitzero"`
	Device    string            `json:"device,omitzero"`
	Trace     string            `json:"trace,omitzero"`
}

// EventsOf returns events as they are sent.
func EventsOf(events []handstamp.Event) []Event {
	sent := make([]Event, 0, len(events))
	for _, e := range events {
		sent = append(sent, Event{
			At: e.At, Action: e.Action, Outcome: e.Outcome, Reason: e.Reason, Actor: e.Actor, ActorID: e.ActorID, UserID: e.UserID,
			SessionID: e.SessionID, Address: e.Address, Device: e.Device, Trace: e.Trace,
		})
	}
	return sent
}

// Read is the way back.
func (e Event) Read() handstamp.Event {
	return handstamp.Event{
		At: e.At.UTC().Truncate(time.Microsecond), Action: e.Action, Outcome: e.Outcome, Reason: e.Reason, Actor: e.Actor,
		ActorID: e.ActorID, UserID: e.UserID, SessionID: e.SessionID,
		Origin: handstamp.Origin{Address: e.Address, Device: e.Device, Trace: e.Trace},
	}
}
