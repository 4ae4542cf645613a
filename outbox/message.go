package outbox

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

// A Message is an event on its way to others.
type Message struct {
	// ID is the same however often the message is sent, and no other message's: part of the entry's sum in the audit log.
	ID string

	Number int64 // of the entry in the audit log
	Type   string
	Event  handstamp.Event

	// JSON is the message as a CloudEvent in structured mode (CloudEvents 1.0.2, JSON format).
	JSON []byte
}

// ContentType is what [Message].JSON is (CloudEvents 1.0.2, JSON format, section 3).
const ContentType = "application/cloudevents+json"

// TypePrefix stands before the action in the type of a message: com.handstamp.login.
const TypePrefix = "com.handstamp."

// actions are what others are told of: what is done to users and their sessions.
var actions = []handstamp.Action{
	handstamp.ActionLogin, handstamp.ActionProve, handstamp.ActionLogout, handstamp.ActionSessionRenew,
	handstamp.ActionSessionEnd, handstamp.ActionTokenReuse, handstamp.ActionUserCreate, handstamp.ActionUserUpdate,
	handstamp.ActionUserDelete, handstamp.ActionPasswordChange, handstamp.ActionEmailChange, handstamp.ActionRoleChange,
	handstamp.ActionUserDisable, handstamp.ActionUserEnable, handstamp.ActionResetLink, handstamp.ActionImport,
	handstamp.ActionRestore,
}

var isTold = func() map[handstamp.Action]bool {
	told := make(map[handstamp.Action]bool, len(actions))
	for _, a := range actions {
		told[a] = true
	}
	return told
}()

// Types returns the types that messages can have.
func Types() []string {
	types := make([]string, len(actions))
	for i, a := range actions {
		types[i] = TypePrefix + string(a)
	}
	return types
}

// cloudEvent is a message for others. The subject is the user to whom it happened.
type cloudEvent struct {
	SpecVersion     string       `json:"specversion"`
	ID              string       `json:"id"`
	Source          string       `json:"source"`
	Type            string       `json:"type"`
	Subject         string       `json:"subject,omitempty"`
	Time            time.Time    `json:"time"`
	DataContentType string       `json:"datacontenttype"`
	Sequence        string       `json:"sequence"` // of the extension of that name: compared as text
	Data            cloudEventOf `json:"data"`
}

// cloudEventOf is the data of a message. What is not known is left out.
type cloudEventOf struct {
	Outcome   handstamp.Outcome `json:"outcome"`
	Reason    string            `json:"reason,omitempty"`
	Actor     string            `json:"actor,omitempty"`
	ActorID   *handstamp.ID     `json:"actor_id,omitempty"`
	UserID    *handstamp.ID     `json:"user_id,omitempty"`
	SessionID *handstamp.ID     `json:"session_id,omitempty"`
	Address   *netip.Addr       `json:"address,omitempty"`
	Device    string            `json:"device,omitempty"`
	Trace     string            `json:"trace,omitempty"`
}

// newMessage returns the message that tells of an entry. source is the server's own URL.
func newMessage(source string, e audit.Entry) (Message, error) {
	m := Message{
		ID: hex.EncodeToString(e.Sum[:16]), Number: e.Number, Type: TypePrefix + string(e.Action), Event: e.Event,
	}
	told := cloudEvent{
		SpecVersion: "1.0", ID: m.ID, Source: source, Type: m.Type, Time: e.At, DataContentType: "application/json",
		Sequence: fmt.Sprintf("%019d", e.Number),
		Data: cloudEventOf{
			Outcome: e.Outcome, Reason: e.Reason, Actor: e.Actor, ActorID: orNil(e.ActorID), UserID: orNil(e.UserID),
			SessionID: orNil(e.SessionID), Device: e.Device, Trace: e.Trace,
		},
	}
	if !e.UserID.IsZero() {
		told.Subject = e.UserID.String()
	}
	if e.Address.IsValid() {
		told.Data.Address = &e.Address
	}
	var err error
	if m.JSON, err = json.Marshal(told); err != nil {
		return Message{}, fmt.Errorf("write message of entry %d: %w", e.Number, err)
	}
	return m, nil
}

func orNil(id handstamp.ID) *handstamp.ID {
	if id.IsZero() {
		return nil
	}
	return &id
}
