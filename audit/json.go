package audit

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/handstamp/handstamp"
)

// entryJSON is how an Entry looks to other programs. IDs are null where there is none.
type entryJSON struct {
	Number    int64             `json:"number"`
	At        time.Time         `json:"at"`
	Action    handstamp.Action  `json:"action"`
	Outcome   handstamp.Outcome `json:"outcome"`
	Reason    string            `json:"reason"`
	Actor     string            `json:"actor"`
	ActorID   *handstamp.ID     `json:"actor_id"`
	UserID    *handstamp.ID     `json:"user_id"`
	SessionID *handstamp.ID     `json:"session_id"`
	Address   netip.Addr        `json:"address"` // empty where it is not known
	Device    string            `json:"device"`
	Trace     string            `json:"trace"`
	Sum       Sum               `json:"sum"`
}

// MarshalJSON implements [json.Marshaler].
func (e Entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(entryJSON{
		Number: e.Number, At: e.At, Action: e.Action, Outcome: e.Outcome, Reason: e.Reason, Actor: e.Actor,
		ActorID: orNull(e.ActorID), UserID: orNull(e.UserID), SessionID: orNull(e.SessionID),
		Address: e.Address, Device: e.Device, Trace: e.Trace, Sum: e.Sum,
	})
}

// UnmarshalJSON implements [json.Unmarshaler].
func (e *Entry) UnmarshalJSON(text []byte) error {
	var j entryJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*e = Entry{
		Number: j.Number,
		Event: handstamp.Event{
			At: j.At, Action: j.Action, Outcome: j.Outcome, Reason: j.Reason, Actor: j.Actor,
			ActorID: orZero(j.ActorID), UserID: orZero(j.UserID), SessionID: orZero(j.SessionID),
			Origin: handstamp.Origin{Address: j.Address, Device: j.Device, Trace: j.Trace},
		},
		Sum: j.Sum,
	}
	return nil
}

func orNull(id handstamp.ID) *handstamp.ID {
	if id.IsZero() {
		return nil
	}
	return &id
}

func orZero(id *handstamp.ID) handstamp.ID {
	if id == nil {
		return handstamp.ID{}
	}
	return *id
}
