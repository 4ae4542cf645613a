package nodeapi

import (
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// A Session is a [session.Session].
type Session struct {
	ID         handstamp.ID `json:"id"`
	UserID     handstamp.ID `json:"user_id"`
	Role       string       `json:"role"`
	BeganAt    time.Time    `json:"began_at"`
	ProvedAt   time.Time    `json:"proved_at"`
	SeenAt     time.Time    `json:"seen_at"`
	Until      time.Time    `json:"until,omitzero"`
	Generation int64        `json:"generation,omitzero"`
	RotatedAt  time.Time    `json:"rotated_at,omitzero"`
	Device     string       `json:"device,omitzero"`
	Address    string       `json:"address,omitzero"`
}

// A Record is a [session.Record].
type Record struct {
	Session
	Hash     Hash   `json:"hash"`
	Revision int64  `json:"revision"`
	Data     []byte `json:"data,omitempty"` // base64; sealed under a key that only the token gives
}

// RecordOf returns r as it is sent.
func RecordOf(r session.Record) Record {
	return Record{Session(r.Session), Hash(r.Hash), r.Revision, r.Data}
}

// Read is the way back.
func (r Record) Read() session.Record {
	return session.Record{Session: r.Session.Read(), Hash: session.Hash(r.Hash), Revision: r.Revision, Data: r.Data}
}

// Read returns the session that was sent.
func (s Session) Read() session.Session {
	for _, t := range []*time.Time{&s.BeganAt, &s.ProvedAt, &s.SeenAt, &s.Until, &s.RotatedAt} {
		*t = t.UTC().Truncate(time.Microsecond)
	}
	return session.Session(s)
}

// An InsertRequest asks for [session.Records.Insert].
type InsertRequest struct {
	Record Record  `json:"record"`
	Events []Event `json:"events,omitempty"`
}

// A SwapRequest asks for [session.Records.Swap].
type SwapRequest struct {
	Old    Hash    `json:"old"`
	Record Record  `json:"record"`
	Events []Event `json:"events,omitempty"`
}

// A LoadRequest asks for [session.Records.Load].
type LoadRequest struct {
	Hash Hash `json:"hash"`
}

// Loaded answers a LoadRequest.
type Loaded struct {
	Incarnation string `json:"incarnation"` // of the store that it was read from
	Record      Record `json:"record"`
}

// A TouchRequest asks for [session.Records.Touch].
type TouchRequest struct {
	Hash Hash      `json:"hash"`
	At   time.Time `json:"at"`
}

// A ListRequest asks for [session.Records.List].
type ListRequest struct {
	UserID handstamp.ID `json:"user_id,omitzero"`
	After  Place        `json:"after,omitzero"`
	Limit  int          `json:"limit,omitzero"`
}

// A Place is a [session.Place].
type Place struct {
	BeganAt time.Time    `json:"began_at"`
	ID      handstamp.ID `json:"id"`
}

// Sessions answers a ListRequest.
type Sessions struct {
	Sessions []Session `json:"sessions"`
}

// An EndRequest asks for [session.Records.End]: the fields are those of a [session.Selection]; or Hashes, the sessions with any of
// these.
type EndRequest struct {
	Hash    Hash         `json:"hash,omitzero"`
	ID      handstamp.ID `json:"id,omitzero"`
	UserID  handstamp.ID `json:"user_id,omitzero"`
	Except  Hash         `json:"except,omitzero"`
	Expired *Expired     `json:"expired,omitempty"`
	Hashes  []Hash       `json:"hashes,omitempty"`
	Events  []Event      `json:"events,omitempty"`
}

// Expired is the part of that name of a [session.Selection].
type Expired struct {
	BeganBefore time.Time `json:"began_before,omitzero"`
	SeenBefore  time.Time `json:"seen_before,omitzero"`
	UntilBefore time.Time `json:"until_before,omitzero"`
	Limit       int       `json:"limit"`
}

// EndOf returns which as it is sent.
func EndOf(which session.Selection, events []handstamp.Event) EndRequest {
	sent := EndRequest{
		Hash: Hash(which.Hash), ID: which.ID, UserID: which.UserID, Except: Hash(which.Except), Events: EventsOf(events),
	}
	if which.Expired.Limit > 0 {
		sent.Expired = new(Expired(which.Expired))
	}
	return sent
}

// Selection is the way back. It leaves out Hashes.
func (e EndRequest) Selection() session.Selection {
	which := session.Selection{Hash: session.Hash(e.Hash), ID: e.ID, UserID: e.UserID, Except: session.Hash(e.Except)}
	if e.Expired != nil {
		which.Expired = struct {
			BeganBefore, SeenBefore, UntilBefore time.Time
			Limit                                int
		}(*e.Expired)
	}
	return which
}

// Written answers what has changed sessions: who has applied the changes of this feed up to there has applied those, and all that
// were before.
type Written struct {
	Feed  string `json:"feed"`
	Head  int64  `json:"head"`
	Ended int    `json:"ended"` // how many sessions have ended
}
