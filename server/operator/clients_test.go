package operator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server/operator"
)

// TestClients: who is added can prove it, is listed without the secret, and is refused once deleted.
func TestClients(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		if all, err := o.ListClients(ctx); err != nil || len(all) != 0 {
			t.Errorf("before the first: %v, %v", all, err)
		}
		billing, err := o.AddClient(ctx, operator.ClientDetails{Name: "billing"})
		if err != nil {
			t.Fatal(err)
		}
		h.wantLast(t, handstamp.ID{}, handstamp.ActionClientCreate)
		mail, err := o.AddClient(ctx, operator.ClientDetails{Name: "mail", Scope: client.ScopeVerify})
		if err != nil {
			t.Fatal(err)
		}
		proves := func(c operator.AddedClient) bool {
			found, err := h.local.Clients.Authenticate(t.Context(), c.ID.String(), c.Secret)
			return err == nil && found == c.Client
		}
		if !proves(billing) || !proves(mail) {
			t.Error("a client cannot prove who it is")
		}
		all, err := o.ListClients(ctx)
		if diff := cmp.Diff([]client.Client{billing.Client, mail.Client}, all); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if err := o.DeleteClient(ctx, billing.ID); err != nil {
			t.Error(err)
		}
		h.wantLast(t, handstamp.ID{}, handstamp.ActionClientDelete)
		if proves(billing) || !proves(mail) {
			t.Error("the deleted client is answered, or the other one is not")
		}
	})
}

// TestClientErrors keep their meaning.
func TestClientErrors(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		if _, err := o.AddClient(ctx, operator.ClientDetails{Name: ""}); !errors.Is(err, client.ErrName) {
			t.Errorf("add nobody: %v", err)
		}
		if _, err := o.AddClient(ctx, operator.ClientDetails{Name: "billing", Scope: "everything"}); !errors.Is(err, client.ErrScope) {
			t.Errorf("add one with a scope that is none: %v", err)
		}
		id := handstamp.NewID()
		if err := o.DeleteClient(ctx, id); !errors.Is(err, client.ErrNoClient) || !strings.Contains(err.Error(), id.String()) {
			t.Errorf("delete nobody: %v", err)
		}
		h.local.Clients = nil
		_, addErr := o.AddClient(ctx, operator.ClientDetails{Name: "billing"})
		_, listErr := o.ListClients(ctx)
		for _, err := range []error{addErr, listErr, o.DeleteClient(ctx, id)} {
			if !errors.Is(err, operator.ErrNoClients) {
				t.Errorf("where none are kept: %v", err)
			}
		}
	})
}
