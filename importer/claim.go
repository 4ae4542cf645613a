package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// claims takes the sessions whose users are there and may sign in. A session that is skipped is not
// marked as imported: its user may come later.
func (result *Result) claims(ctx context.Context, t Target, claims []Claim) error {
	unknown, disabled := 0, 0
	for _, c := range claims {
		u, err := t.FindUser(ctx, refOf(c.Who))
		if errors.Is(err, account.ErrNoUser) {
			unknown++
			continue
		}
		if err == nil && u.Disabled {
			disabled++
			continue
		}
		if err == nil {
			err = result.claim(ctx, t, c, u)
		}
		if err != nil {
			return fmt.Errorf("import session %s: %w", c.Record.ID, err)
		}
	}
	result.skip(unknown, "no such user")
	result.skip(disabled, "a user who is disabled")
	return nil
}

func (result *Result) claim(ctx context.Context, t Target, c Claim, u account.User) error {
	if first, err := t.MarkImported(ctx, c.Key[:]); err != nil || !first {
		return result.Sessions.known(err)
	}
	c.Record.UserID, c.Record.Role = u.ID, u.Role
	err := t.InsertSession(ctx, c.Record)
	if err == nil {
		result.Claimed = append(result.Claimed, c.Record.ID)
	}
	return result.Sessions.count(err, session.ErrExists)
}

// skip notes sessions that are skipped for one reason.
func (result *Result) skip(count int, reason string) {
	if count > 0 {
		result.Sessions.Skipped += count
		result.Notes = append(result.Notes, Note{Kind: kindSession, Count: count, Skipped: true, Reason: reason})
	}
}

// refOf returns what finds a user by ID or email.
func refOf(who string) account.Ref {
	if id, err := handstamp.ParseID(who); err == nil {
		return account.Ref{ID: id}
	}
	return account.Ref{EmailKey: account.VerbatimKey(who)}
}
