package caep

import (
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/outbox"
)

// claims are those of a security event token. There is neither sub nor exp, so that nobody takes it for a token that lets
// somebody in (Shared Signals Framework 1.0, sections 4.1.2 and 4.1.7).
type claims struct {
	Issuer      string           `json:"iss"`
	ID          string           `json:"jti"`
	IssuedAt    int64            `json:"iat"`
	Audience    string           `json:"aud"`
	Transaction string           `json:"txn"` // the message: the same in all events that it means
	Subject     subject          `json:"sub_id"`
	Events      map[string]claim `json:"events"`
}

// claim is the one event in a token (CAEP 1.0, sections 2 and 3).
type claim struct {
	CredentialType string            `json:"credential_type,omitempty"`
	ChangeType     string            `json:"change_type,omitempty"`
	Timestamp      int64             `json:"event_timestamp"` // in seconds
	Initiator      string            `json:"initiating_entity"`
	ReasonAdmin    map[string]string `json:"reason_admin"` // by language
}

// subject is a subject identifier (RFC 9493; complex: Shared Signals Framework 1.0, section 3.2).
type subject struct {
	Format  string   `json:"format"`
	Issuer  string   `json:"iss,omitempty"` // iss_sub
	Subject string   `json:"sub,omitempty"` // iss_sub
	ID      string   `json:"id,omitempty"`  // opaque
	User    *subject `json:"user,omitempty"`
	Session *subject `json:"session,omitempty"`
}

// The types of events, and where their URIs begin.
const (
	typePrefix       = "https://schemas.openid.net/secevent/caep/event-type/"
	sessionRevoked   = "session-revoked"
	credentialChange = "credential-change"
)

// An event is one that a message means.
type event struct {
	name string
	who  subject
	claim
}

// Wants reports whether a message means events of the profile.
func Wants(m outbox.Message) bool { return len(eventsOf(m, "")) > 0 }

// eventsOf returns the events that a message means. Where all sessions of a user have ended but one, the user is named and not the
// sessions: at a receiver the one ends, too, and begins again as it is alive here.
func eventsOf(m outbox.Message, issuer string) []event {
	e := m.Event
	if e.UserID.IsZero() {
		return nil
	}
	user := subject{Format: "iss_sub", Issuer: issuer, Subject: e.UserID.String()}
	about := claim{Timestamp: e.At.Unix(), Initiator: initiator(e), ReasonAdmin: map[string]string{"en": reason(e)}}
	revoked := event{sessionRevoked, user, about}
	// A session that was found to be in two hands fails, and ends.
	if e.Outcome != handstamp.Success && e.Action != handstamp.ActionTokenReuse {
		return nil
	}
	switch e.Action {
	case handstamp.ActionLogout, handstamp.ActionSessionEnd, handstamp.ActionTokenReuse:
		if !e.SessionID.IsZero() {
			revoked.who = subject{Format: "complex", User: &user, Session: &subject{Format: "opaque", ID: e.SessionID.String()}}
		}
		return []event{revoked}
	case handstamp.ActionUserDelete, handstamp.ActionUserDisable, handstamp.ActionRoleChange, handstamp.ActionEmailChange:
		return []event{revoked}
	case handstamp.ActionPasswordChange:
		about.CredentialType, about.ChangeType = "password", "update"
		return []event{{credentialChange, user, about}, revoked}
	}
	return nil
}

// initiator says whose doing an event was.
func initiator(e handstamp.Event) string {
	switch {
	case e.ActorID == e.UserID:
		return "user"
	case !e.ActorID.IsZero() || e.Operator != "" || e.Actor != "":
		return "admin"
	default:
		return "system"
	}
}

func reason(e handstamp.Event) string {
	if e.Reason == "" {
		return string(e.Action)
	}
	return string(e.Action) + ": " + e.Reason
}

func (p *Publisher) claims(m outbox.Message, e event) claims {
	return claims{
		Issuer: p.config.Issuer, ID: m.ID + "." + e.name, IssuedAt: time.Now().Unix(), Audience: p.config.Audience, Transaction: m.ID,
		Subject: e.who, Events: map[string]claim{typePrefix + e.name: e.claim},
	}
}
