package operator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/server/operator"
)

const (
	listed       = "0b7f6c1e-52a4-4a5e-9d2e-6f1c0a9b3d77"
	foundingHash = "7a321db83885ebbe8358bc1160c803af6cc70c80aa8f750eeb9d21d5f8c75967" // of "fake pwd"
)

// list returns the users of a list with an ID for bob only.
func list(t *testing.T) importer.Batch {
	t.Helper()
	users := importer.UserList{Format: importer.JSONLines, KnownHash: func(string) error { return nil }}
	batch, err := users.Read(strings.NewReader(
		`{"email":"ann@example.com"}`+"\n"+`{"email":"Bob@example.com","id":"`+listed+`"}`+"\n"+
			`{"email":"eve@example.com","password_hash":"`+foundingHash+`"}`), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func wantCounts(t *testing.T, o operator.Operator, what string, batch importer.Batch, taken, present int) {
	t.Helper()
	got, err := o.Import(t.Context(), batch)
	if want := (importer.Counts{Taken: taken, Present: present}); err != nil || got.Users != want || len(got.Notes) != 0 {
		t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
	}
}

// TestImportOfAList: whoever is there already stays as they are and is counted, and who was deleted
// since stays away.
func TestImportOfAList(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		ann := ada
		ann.Email = "ANN@example.com"
		before, err := o.AddUser(t.Context(), ann)
		if err != nil {
			t.Fatal(err)
		}
		wantCounts(t, o, "first", list(t), 2, 1)
		wantCounts(t, o, "again", list(t), 0, 3)

		after, err := o.User(t.Context(), "ann@example.com")
		if diff := cmp.Diff(before, after, public); err != nil || diff != "" {
			t.Errorf("who was there: %v (-want +got):\n%s", err, diff)
		}
		bob, err := o.User(t.Context(), "bob@example.com")
		if err != nil || bob.ID.String() != listed {
			t.Errorf("bob: %v, %v", bob, err)
		}
		eve, err := o.User(t.Context(), "eve@example.com")
		if err != nil || eve.ID.IsZero() || eve.ID == handstamp.IDOf("imported:eve@example.com") {
			t.Errorf("eve has no ID of her own: %v, %v", eve, err)
		}
		if !h.canSignIn(t, "eve@example.com", "fake pwd") || h.canSignIn(t, "bob@example.com", "") {
			t.Error("eve cannot sign in with the password that came along, or bob can without one")
		}

		for _, who := range []string{"bob@example.com", "eve@example.com"} {
			if _, err := o.DeleteUser(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		wantCounts(t, o, "after two were deleted", list(t), 0, 3)
	})
}

// TestDryRun says what an import would do, and does nothing, be it that which makes the next one
// skip who was imported.
func TestDryRun(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		if _, err := o.AddUser(t.Context(), ada); err != nil {
			t.Fatal(err)
		}
		try := list(t)
		try.DryRun = true
		try.Users[0].Email = ada.Email
		for range 2 {
			wantCounts(t, o, "dry run", try, 2, 1)
		}
		if users, err := o.Users(t.Context(), ""); err != nil || len(users) != 1 {
			t.Errorf("users after a dry run: %v, %v", users, err)
		}
		try.DryRun = false
		wantCounts(t, o, "in earnest", try, 2, 1)
	})
}
