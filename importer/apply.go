package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// A Target is a transaction that takes users and sessions. What its methods return is what
// [account.Store] and [session.Records] say of Insert.
type Target interface {
	// MarkImported notes that the user with this ID, or the session with this hash, was imported,
	// and reports whether it is the first time.
	MarkImported(ctx context.Context, key []byte) (first bool, err error)

	InsertUser(ctx context.Context, u account.User) error
	FindUser(ctx context.Context, ref account.Ref) (account.User, error) // or [account.ErrNoUser]
	InsertSession(ctx context.Context, r session.Record) error

	// Record writes events to the audit log, where one is kept.
	Record(ctx context.Context, events ...handstamp.Event) error
}

// A Result says what became of a Batch.
type Result struct {
	Users    Counts `json:"users"`
	Sessions Counts `json:"sessions"`
	Notes    []Note `json:"notes"`

	// Claimed are the sessions that were taken of [Batch.Claims].
	Claimed []handstamp.ID `json:"claimed,omitempty"`
}

// Counts says how many of a kind were taken, were known before, and were skipped.
type Counts struct {
	Taken   int `json:"taken"`
	Present int `json:"present"` // imported before, or there in another way
	Skipped int `json:"skipped"`
}

// Apply writes the Batch to t. What is there already is left as it is, and what was imported before
// is not imported again: a session that has ended since stays ended, and a user who was deleted
// stays away. So it does no harm to apply a Batch twice. A user whose email another user has is
// taken without being found by it, unless the Batch wants emails once; a session of nobody is
// skipped. An error means that t must not be committed, and so does DryRun, of which Apply knows
// nothing.
func (b Batch) Apply(ctx context.Context, t Target) (Result, error) {
	result := Result{Notes: b.Notes[:len(b.Notes):len(b.Notes)]}
	for _, note := range b.Notes {
		if note.Skipped && note.Kind == kindUser {
			result.Users.Skipped += max(1, note.Count)
		} else if note.Skipped {
			result.Sessions.Skipped += max(1, note.Count)
		}
	}
	for _, u := range b.Users {
		if err := result.user(ctx, t, u, b.EmailsOnce); err != nil {
			return Result{}, fmt.Errorf("import user %s: %w", u.ID, err)
		}
	}
	for _, r := range b.Sessions {
		if err := result.session(ctx, t, r); err != nil {
			return Result{}, fmt.Errorf("import session %s: %w", r.ID, err)
		}
	}
	if err := result.claims(ctx, t, b.Claims); err != nil {
		return Result{}, err
	}
	return result, nil
}

func (result *Result) user(ctx context.Context, t Target, u account.User, emailsOnce bool) error {
	u.EmailKey = account.VerbatimKey(u.Email)
	key := u.ID
	if u.ID.IsZero() {
		// Not the ID itself: it is shown to others, and would let them try out emails.
		key = handstamp.IDOf("imported:" + u.EmailKey)
		u.ID = handstamp.NewID()
	}
	if first, err := t.MarkImported(ctx, key[:]); err != nil || !first {
		return result.Users.known(err)
	}
	err := t.InsertUser(ctx, u)
	if errors.Is(err, account.ErrEmailTaken) && emailsOnce {
		result.Users.Present++
		return nil
	}
	if errors.Is(err, account.ErrEmailTaken) {
		u.EmailKey = ""
		if err = t.InsertUser(ctx, u); err == nil {
			result.note(kindUser, u.ID, false, "another user has this email: taken over, but cannot sign in with it")
		}
	}
	return result.Users.count(err, account.ErrExists)
}

func (result *Result) session(ctx context.Context, t Target, r session.Record) error {
	_, err := t.FindUser(ctx, account.Ref{ID: r.UserID})
	if errors.Is(err, account.ErrNoUser) {
		result.Sessions.Skipped++
		result.note(kindSession, r.ID, true, "its user does not exist")
		return nil
	}
	if err != nil {
		return err
	}
	if first, err := t.MarkImported(ctx, r.Hash[:]); err != nil || !first {
		return result.Sessions.known(err)
	}
	return result.Sessions.count(t.InsertSession(ctx, r), session.ErrExists)
}

// known counts one that was imported before, unless err says that nobody knows.
func (c *Counts) known(err error) error {
	if err == nil {
		c.Present++
	}
	return err
}

// count counts one that was inserted, or was there as present says. Any other error it returns.
func (c *Counts) count(err, present error) error {
	switch {
	case err == nil:
		c.Taken++
	case errors.Is(err, present):
		c.Present++
	default:
		return err
	}
	return nil
}

func (result *Result) note(kind string, id handstamp.ID, skipped bool, reason string) {
	result.Notes = append(result.Notes, Note{Kind: kind, Key: id.String(), Skipped: skipped, Reason: reason})
}
