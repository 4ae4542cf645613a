package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/session"
)

// nodeSessionRoutes are a store of sessions for services: the methods of [session.Records].
func (a *API) nodeSessionRoutes() []Route {
	return []Route{
		{nodeapi.LoadPath, asked(a, client.ScopeVerify, a.loadForService)},
		{nodeapi.TouchPath, asked(a, client.ScopeVerify, a.touchForService)},
		{nodeapi.EndPath, asked(a, client.ScopeVerify, a.endForService)},
		{nodeapi.InsertPath, asked(a, client.ScopeSessions, a.insertForService)},
		{nodeapi.SwapPath, asked(a, client.ScopeSessions, a.swapForService)},
		{nodeapi.ListPath, asked(a, client.ScopeSessions, a.listForService)},
	}
}

// storeProblem returns what an error of a store of sessions says to a service, for which a session is what it asks about and not
// how it asks.
func storeProblem(err error) error {
	for _, known := range []struct {
		err   error
		means Problem
	}{{session.ErrGone, sessionGone}, {session.ErrExists, sessionExists}, {session.ErrConflict, sessionChanged}} {
		if errors.Is(err, known.err) {
			return known.means
		}
	}
	return err
}

func (a *API) loadForService(ctx context.Context, _ client.Client, in nodeapi.LoadRequest) (any, error) {
	incarnation := a.Relay.Incarnation() // before: who reads from one that is over is to see it
	record, err := a.Relay.Records().Load(ctx, session.Hash(in.Hash))
	if err != nil {
		return nil, storeProblem(err)
	}
	return nodeapi.Loaded{Incarnation: incarnation, Record: nodeapi.RecordOf(record)}, nil
}

func (a *API) touchForService(ctx context.Context, _ client.Client, in nodeapi.TouchRequest) (any, error) {
	if in.At.IsZero() {
		return nil, missing("at")
	}
	return nothing{}, storeProblem(a.Relay.Records().Touch(ctx, session.Hash(in.Hash), in.At.UTC()))
}

func (a *API) insertForService(ctx context.Context, c client.Client, in nodeapi.InsertRequest) (any, error) {
	record, err := readRecord(in.Record)
	if err != nil {
		return nil, err
	}
	if record.ID.IsZero() || record.UserID.IsZero() || record.BeganAt.IsZero() || record.SeenAt.IsZero() {
		return nil, missingMember.because("The record has no id, user_id, began_at or seen_at")
	}
	events, err := readEvents(in.Events, c)
	if err != nil {
		return nil, err
	}
	if err := a.Relay.Records().Insert(ctx, record, events...); err != nil {
		return nil, storeProblem(err)
	}
	a.Relay.Notify().Hear(ctx, events...)
	return a.written(0, nil)
}

// written answers what has changed sessions.
func (a *API) written(ended int, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	feed, head := a.Relay.Position()
	return nodeapi.Written{Feed: feed, Head: head, Ended: ended}, nil
}

func (a *API) swapForService(ctx context.Context, c client.Client, in nodeapi.SwapRequest) (any, error) {
	record, err := readRecord(in.Record)
	if err != nil {
		return nil, err
	}
	events, err := readEvents(in.Events, c)
	if err != nil {
		return nil, err
	}
	if err := a.Relay.Records().Swap(ctx, session.Hash(in.Old), record, events...); err != nil {
		return nil, storeProblem(err)
	}
	a.Relay.Notify().Hear(ctx, events...)
	return a.written(0, nil)
}

func (a *API) listForService(ctx context.Context, _ client.Client, in nodeapi.ListRequest) (any, error) {
	if in.Limit < 0 || in.Limit > nodeapi.MaxList {
		return nil, wrongFormat.because(fmt.Sprintf(`The member "limit" is not a number from 0 to %d`, nodeapi.MaxList))
	}
	found, err := a.Relay.Records().List(ctx, session.Query{UserID: in.UserID, After: session.Place(in.After), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	list := nodeapi.Sessions{Sessions: make([]nodeapi.Session, 0, len(found))}
	for _, s := range found {
		list.Sessions = append(list.Sessions, nodeapi.Session(s))
	}
	return list, nil
}

// endForService ends sessions. A client that may only verify ends those of which it was shown the token; it has no others swept, either,
// as only the server knows their limits.
func (a *API) endForService(ctx context.Context, c client.Client, in nodeapi.EndRequest) (any, error) {
	which := in.Selection()
	byHash := which == (session.Selection{Hash: which.Hash})
	switch {
	case len(in.Hashes) > nodeapi.MaxHashes:
		return nil, wrongFormat.because(fmt.Sprintf(`The member "hashes" has more than %d`, nodeapi.MaxHashes))
	case len(in.Hashes) > 0 && which != session.Selection{}:
		return nil, wrongFormat.because(`The member "hashes" stands alone`)
	case len(in.Hashes) > 0:
		hashes := make([]session.Hash, 0, len(in.Hashes))
		for _, hash := range in.Hashes {
			hashes = append(hashes, session.Hash(hash))
		}
		return a.written(a.Relay.EndShown(ctx, hashes, endedBy(ctx, c, handstamp.ActionSessionEnd, "it had ended before")))
	case c.Scope == client.ScopeSessions:
		events, err := readEvents(in.Events, c)
		if err != nil {
			return nil, err
		}
		return a.written(a.Relay.End(ctx, which, events...))
	case which == session.Selection{Expired: which.Expired}:
		return a.written(0, nil)
	case byHash:
		return a.written(a.Relay.EndShown(ctx, []session.Hash{which.Hash}, endedBy(ctx, c, handstamp.ActionLogout, "")))
	default:
		return nil, insufficientScope
	}
}

// endedBy returns what makes the event of a session that a client ends, who was shown its token.
func endedBy(ctx context.Context, c client.Client, action handstamp.Action, reason string) func(session.Session) handstamp.Event {
	return func(s session.Session) handstamp.Event {
		event := handstamp.NewEvent(ctx, action)
		event.UserID, event.SessionID, event.Reason = s.UserID, s.ID, byClient(c, reason)
		if action == handstamp.ActionLogout {
			event.ActorID = s.UserID
		} else {
			event.Actor = c.Name
		}
		return event
	}
}

// byClient returns a reason that says through which client it came.
func byClient(c client.Client, reason string) string {
	if reason == "" {
		return "client " + c.Name
	}
	return "client " + c.Name + ": " + reason
}

// readRecord returns a session that can be kept.
func readRecord(sent nodeapi.Record) (session.Record, error) {
	record := sent.Read()
	switch {
	case sent.Hash.IsZero():
		return session.Record{}, missingMember.because("The record has no hash")
	case len(record.Role) > maxText || len(record.Device) > maxText || len(record.Address) > maxText:
		return session.Record{}, wrongFormat.because("A text of the record is too long")
	case record.Generation < 0:
		return session.Record{}, wrongFormat.because("The generation of the record is negative")
	}
	return record, nil
}

const (
	maxEvents = 16   // with one write
	maxText   = 1000 // bytes of one text of a service's
)

// readEvents returns the events that a client wants to be written down, each with the client's name.
func readEvents(sent []nodeapi.Event, c client.Client) ([]handstamp.Event, error) {
	if len(sent) > maxEvents {
		return nil, wrongFormat.because("There are too many events")
	}
	events := make([]handstamp.Event, 0, len(sent))
	for _, one := range sent {
		e := one.Read()
		if e.At.IsZero() || e.Action == "" || e.Outcome != handstamp.Success && e.Outcome != handstamp.Failure {
			return nil, wrongFormat.because("An event has no time, action or outcome")
		}
		for _, text := range []string{string(e.Action), e.Reason, e.Actor, e.Device, e.Trace} {
			if len(text) > maxText {
				return nil, wrongFormat.because("A text of an event is too long")
			}
		}
		e.Reason = byClient(c, e.Reason)
		events = append(events, e)
	}
	return events, nil
}
