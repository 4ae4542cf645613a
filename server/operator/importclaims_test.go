package operator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

// claim returns a session of who's that goes by token, and is known again by key.
func claim(t *testing.T, who, token, key string) importer.Claim {
	t.Helper()
	at := time.Date(2026, 11, 22, 2, 4, 11, 123456000, time.UTC)
	record, err := session.NewRecord(session.Session{ID: handstamp.IDOf(token), BeganAt: at, SeenAt: at}, session.Token(token),
		session.Data{"cart": []byte(`["cup"]`)})
	if err != nil {
		t.Fatal(err)
	}
	return importer.Claim{Record: record, Who: who, Key: session.Token(key).Hash()}
}

// TestImportOfClaims: a session is its user's, with the role that the user has now; that of nobody, or of
// one who is disabled, is left out, and may come later.
func TestImportOfClaims(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		ctx := t.Context()
		u := add(t, o, ada)
		off := add(t, o, account.Details{Email: "off@example.com", Password: "p"})
		if _, err := o.SetDisabled(ctx, off.Email, true); err != nil {
			t.Fatal(err)
		}
		batch := importer.Batch{
			Claims: []importer.Claim{
				claim(t, "ADA@example.com", "by email", "1"), claim(t, u.ID.String(), "by id", "2"),
				claim(t, off.Email, "disabled", "3"), claim(t, "eve@example.com", "unknown", "4"), claim(t, "", "nobody", "5"),
				claim(t, "00000000-0000-0000-0000-000000000000", "zero", "6"),
			},
			Notes: []importer.Note{{Kind: "session", Count: 7, Skipped: true, Reason: "odd"}},
		}
		want := importer.Result{
			Sessions: importer.Counts{Taken: 2, Skipped: 11},
			Notes: append(batch.Notes[:1:1], importer.Note{Kind: "session", Count: 3, Skipped: true, Reason: "no such user"},
				importer.Note{Kind: "session", Count: 1, Skipped: true, Reason: "a user who is disabled"}),
			Claimed: []handstamp.ID{handstamp.IDOf("by email"), handstamp.IDOf("by id")},
		}
		batch.DryRun = true
		if got, err := o.Import(ctx, batch); cmp.Diff(want, got) != "" || err != nil {
			t.Errorf("dry run: %v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
		batch.DryRun = false
		if got, err := o.Import(ctx, batch); cmp.Diff(want, got) != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
		for _, c := range batch.Claims[:2] {
			expected := c.Record
			expected.UserID, expected.Role = u.ID, u.Role
			stored, err := h.store.Sessions().Load(ctx, c.Record.Hash)
			if diff := cmp.Diff(expected, stored); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}

		// Known again by its key, whatever it goes by now, and even after it has ended.
		if _, err := h.store.Sessions().End(ctx, session.Selection{UserID: u.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SetDisabled(ctx, off.Email, false); err != nil {
			t.Fatal(err)
		}
		batch.Claims[0] = claim(t, "ADA@example.com", "another token", "1")
		got, err := o.Import(ctx, batch)
		if want := (importer.Counts{Taken: 1, Present: 2, Skipped: 10}); got.Sessions != want || err != nil {
			t.Errorf("again: %+v, %v; want %+v", got.Sessions, err, want)
		}
		for _, c := range batch.Claims[:2] {
			if _, err := h.store.Sessions().Load(ctx, c.Record.Hash); !errors.Is(err, session.ErrGone) {
				t.Errorf("a session that has ended is back: %v", err)
			}
		}
	})
}
