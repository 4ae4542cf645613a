package operator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/token/keyring"
)

// withKeys gives an office signing keys.
func withKeys(t *testing.T, h *office) *keyring.Keyring {
	t.Helper()
	keys, err := keyring.Open(t.Context(), h.store.Keys(), make([]byte, 32), keyring.Config{Overlap: 3 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keys.Close)
	h.local.Keys = keys
	return keys
}

// TestSigningKeys: what there is, without what is secret, and the time for which a key is accepted.
func TestSigningKeys(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		keys := withKeys(t, h)
		token, err := keys.Sign([]byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			how  operator.Rotation
			want time.Duration
		}{{operator.Rotation{}, 3 * time.Hour}, {operator.Rotation{Overlap: time.Hour}, time.Hour}} {
			before, err := o.SigningKeys(ctx)
			if err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			signs, err := o.RotateKeys(ctx, row.how)
			if err != nil || signs.ID != before[1].ID || signs.Role() != keyring.Signing {
				t.Errorf("%+v, %v; want that %s signs", signs, err, before[1].ID)
			}
			h.wantLast(t, handstamp.ID{}, handstamp.ActionKeyRotate, handstamp.ActionKeyCreate)
			after, err := o.SigningKeys(ctx)
			if err != nil || after[0].ID != signs.ID || after[2].ID != before[0].ID {
				t.Fatalf("%+v, %v", after, err)
			}
			if accepted := after[2].AcceptedUntil.Sub(now); accepted < row.want || accepted > row.want+time.Minute {
				t.Errorf("%+v: accepted for %s", row.how, accepted)
			}
			if want, err := keys.List(t.Context()); err != nil || !cmp.Equal(want, after) {
				t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(want, after))
			}
		}
		if _, _, err := keys.Verify(token); err != nil {
			t.Errorf("a token of before: %v", err)
		}
		if _, err := o.RotateKeys(ctx, operator.Rotation{Overlap: time.Hour, Compromised: true}); err != nil {
			t.Error(err)
		}
		if _, _, err := keys.Verify(token); !errors.Is(err, keyring.ErrToken) {
			t.Errorf("a token of before, after a leak: %v", err)
		}
	})
}

// TestImportSecret: whatever bytes it has.
func TestImportSecret(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		keys := withKeys(t, h)
		secret := []byte("0123456789abcde\x00\xff\"\n")
		imported, err := o.ImportSecret(ctx, secret)
		if err != nil || imported.Algorithm != keyring.HS256 || !imported.Imported {
			t.Fatalf("%+v, %v", imported, err)
		}
		token, err := keys.SignPlone([]byte(`{}`), "/path")
		if err != nil {
			t.Fatal(err)
		}
		// The same key for Plone, wherever its secret ends and its path begins.
		if _, err := o.ImportSecret(ctx, append(secret, "/pa"...)); err != nil {
			t.Fatal(err)
		}
		if same, err := keys.SignPlone([]byte(`{}`), "th"); err != nil || same != token {
			t.Errorf("%s, %v; want %s", same, err, token)
		}
		if _, err := o.ImportSecret(ctx, secret[:5]); !errors.Is(err, keyring.ErrSecret) {
			t.Errorf("too short: %v", err)
		}
	})
}

// TestNoSigningKeys: where none are kept, that is what it says.
func TestNoSigningKeys(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, _ *office, o operator.Operator) {
		_, listErr := o.SigningKeys(ctx)
		_, rotateErr := o.RotateKeys(ctx, operator.Rotation{})
		_, importErr := o.ImportSecret(ctx, make([]byte, 32))
		for _, err := range []error{listErr, rotateErr, importErr} {
			if !errors.Is(err, operator.ErrNoKeys) {
				t.Errorf("got %v", err)
			}
		}
	})
}
