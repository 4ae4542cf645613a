package handstamp

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// An Event is something that whoever watches over security wants to know: who did what, to whom,
// from where, and how it went. Stores that keep an audit log write it in the same step as the act
// itself, so that neither is there without the other.
type Event struct {
	At      time.Time // UTC in whole microseconds
	Action  Action
	Outcome Outcome
	Reason  string // why it did not succeed, or what exactly was changed; never a secret

	Actor     string // who did it where that is no user, such as "operator"
	ActorID   ID     // the user who did it; zero for strangers
	UserID    ID     // the user to whom it was done; zero for none
	SessionID ID     // the session's public name; zero for none

	Origin

	// Err is what failed, for the log of the server. It is no part of the audit log.
	Err error
}

// An Outcome is how an act went.
type Outcome string

// The outcomes, in the words of the Elastic Common Schema.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// An Action is what was done.
type Action string

// What the packages of this module do that is worth an Event.
const (
	ActionLogin           Action = "login"            // a password was checked at the door
	ActionProve           Action = "prove"            // a password was checked again, inside
	ActionLogout          Action = "logout"           // a session was ended by who has it
	ActionSessionRenew    Action = "session-renew"    // a session got a new token
	ActionSessionEnd      Action = "session-end"      // sessions were ended by their public name, or all of a user's
	ActionTokenReuse      Action = "token-reuse"      // a bearer token came after another had taken its place
	ActionCookieAmbiguous Action = "cookie-ambiguous" // two session cookies came at once
	ActionUserCreate      Action = "user-create"
	ActionUserUpdate      Action = "user-update" // the names
	ActionUserDelete      Action = "user-delete"
	ActionPasswordChange  Action = "password-change"
	ActionEmailChange     Action = "email-change"
	ActionRoleChange      Action = "role-change"
	ActionUserDisable     Action = "user-disable"
	ActionUserEnable      Action = "user-enable"
	ActionSetupLink       Action = "setup-link"    // a link for the first admin was made
	ActionResetLink       Action = "reset-link"    // a link for a new password was made
	ActionClientCreate    Action = "client-create" // a service may ask about tokens
	ActionClientDelete    Action = "client-delete"
	ActionKeyCreate       Action = "key-create" // a key that signs tokens was made
	ActionKeyRotate       Action = "key-rotate" // another key signs tokens
	ActionKeyRetire       Action = "key-retire" // a key that signed tokens is refused
	ActionImport          Action = "import"
	ActionExport          Action = "export" // the users left, with their password hashes or without
	ActionBackup          Action = "backup"
	ActionRestore         Action = "restore"    // a backup took the place of the database
	ActionAuditTrim       Action = "audit-trim" // old events were removed
	ActionFault           Action = "fault"      // the server could not do what it should; see Err
)

// NewEvent returns an Event that happens now, and succeeds. Who does it and from where are what
// ctx says: see [From] and [OriginOf].
func NewEvent(ctx context.Context, action Action) Event {
	e := Event{
		At:      time.Now().UTC().Truncate(time.Microsecond),
		Action:  action,
		Outcome: Success,
		Origin:  OriginOf(ctx),
	}
	if who, ok := From(ctx); ok {
		e.ActorID = who.UserID
		e.SessionID = who.SessionID
		if e.ActorID.IsZero() {
			e.Actor = who.Name
		}
	}
	if e.Actor == "" {
		e.Actor = e.Operator
	}
	return e
}

// Failed returns e as one that did not succeed, and why.
func (e Event) Failed(reason string) Event {
	e.Outcome, e.Reason = Failure, reason
	return e
}

// LogAttrs returns e for a log, by the names of the Elastic Common Schema
// (https://www.elastic.co/docs/reference/ecs). What is empty is left out.
func (e Event) LogAttrs() []slog.Attr {
	attrs := make([]slog.Attr, 0, 12)
	text := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	id := func(name string, value ID) {
		if !value.IsZero() {
			attrs = append(attrs, slog.String(name, value.String()))
		}
	}
	text("event.action", string(e.Action))
	text("event.outcome", string(e.Outcome))
	text("event.reason", e.Reason)
	text("user.name", e.Actor)
	id("user.id", e.ActorID)
	id("user.target.id", e.UserID)
	id("session.id", e.SessionID)
	if e.Address.IsValid() {
		attrs = append(attrs, slog.String("source.ip", e.Address.String()))
	}
	text("user_agent.original", e.Device)
	text("trace.id", e.Trace)
	if e.Err != nil {
		attrs = append(attrs, slog.String("error.message", e.Err.Error()))
	}
	return attrs
}

// A Listener is told of each Event after it has happened. It is called by many goroutines at once
// and must not take long.
type Listener func(ctx context.Context, e Event)

// Hear calls the listener. Without one, what the server could not do goes to [slog.Default], as
// nobody else would hear of it.
func (l Listener) Hear(ctx context.Context, events ...Event) {
	for _, e := range events {
		switch {
		case l != nil:
			l(ctx, e)
		case e.Action == ActionFault:
			slog.LogAttrs(ctx, slog.LevelError, e.Reason, e.LogAttrs()...)
		}
	}
}

// Fault tells the listener that the server could not do something, which no caller can be told of.
func (l Listener) Fault(ctx context.Context, doing string, err error) {
	e := NewEvent(ctx, ActionFault).Failed(doing)
	e.Err = err
	l.Hear(ctx, e)
}

// An Origin says where a request comes from, beside who is asking. A server puts it into the
// context of each request; sessions and events carry it on.
type Origin struct {
	Address  netip.Addr // the client's address, as far as it can be known
	Device   string     // what the client calls itself: the User-Agent header, cut
	Trace    string     // the trace to which the request belongs (W3C Trace Context); empty for none
	Operator string     // who runs a command on this machine; empty for requests
}

// WithOrigin returns a context from which [OriginOf] gives o.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the Origin of the request that ctx belongs to, or the zero Origin.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

type originKey struct{}
