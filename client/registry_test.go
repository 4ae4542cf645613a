package client_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/store/memory"
)

// A desk is where clients are added: a Registry, its store, and what was heard of it.
type desk struct {
	*client.Registry
	store *memory.Clients
	log   *memory.Audit
	heard []handstamp.Event
}

func newDesk() *desk {
	d := &desk{store: memory.NewClients(), log: memory.NewAudit(audit.NewChain([]byte("key")))}
	d.store.Audit = d.log
	d.Registry = client.New(d.store)
	d.Notify = func(_ context.Context, e handstamp.Event) { d.heard = append(d.heard, e) }
	return d
}

func (d *desk) add(t *testing.T, name string) (client.Client, client.Secret) {
	t.Helper()
	c, secret, err := d.Add(t.Context(), name, client.ScopeIntrospect)
	if err != nil {
		t.Fatal(err)
	}
	return c, secret
}

func TestSecretsCanBeScannedFor(t *testing.T) {
	form := regexp.MustCompile(`^handstamp_[A-Za-z0-9_-]{71}$`) // what a scanner is told
	d, seen := newDesk(), map[client.Secret]bool{}
	for range 50 {
		_, secret := d.add(t, "billing")
		text := string(secret)
		if !form.MatchString(text) || seen[secret] || !secret.IsWellFormed() {
			t.Fatalf("secret %s", text)
		}
		seen[secret] = true
		sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text[:75])))
		if want := base64.RawURLEncoding.EncodeToString(sum); text[75:] != want {
			t.Errorf("checksum of %s is %s, want %s", text[:75], text[75:], want)
		}
	}
}

func TestIsWellFormed(t *testing.T) {
	_, good := newDesk().add(t, "billing")
	text := string(good)
	flipped := []byte(text)
	flipped[20] ^= 1
	for name, bad := range map[string]string{
		"empty": "", "the prefix alone": client.SecretPrefix, "one character less": text[:80], "one more": text + "A",
		"another prefix": strings.Replace(text, "handstamp_", "handstomp_", 1), "a character changed": string(flipped),
		"a checksum changed": text[:75] + "AAAAAA", "padded": text[:79] + "==", "huge": strings.Repeat("handstamp_", 1<<12),
	} {
		if client.Secret(bad).IsWellFormed() {
			t.Errorf("%s is well-formed: %s", name, bad)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	_, secret := newDesk().add(t, "billing")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "secret", secret)
	for _, printed := range []string{fmt.Sprintf("%s %v %q %x %+v", secret, secret, secret, secret, struct{ S client.Secret }{secret}), log.String()} {
		if strings.Contains(printed, string(secret)[10:20]) || !strings.Contains(printed, "•••") {
			t.Errorf("printed: %s", printed)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	d := newDesk()
	billing, secret := d.add(t, "billing")
	other, otherSecret := d.add(t, "mail")
	deleted, deletedSecret := d.add(t, "old")
	if err := d.Delete(t.Context(), deleted.ID); err != nil {
		t.Fatal(err)
	}
	id := billing.ID.String()
	for name, c := range map[string]struct {
		id     string
		secret client.Secret
		want   client.Client // zero for nobody
	}{
		"the client":                 {id, secret, billing},
		"another":                    {other.ID.String(), otherSecret, other},
		"the secret of another":      {id, otherSecret, client.Client{}},
		"no secret":                  {id, "", client.Client{}},
		"half a secret":              {id, secret[:30], client.Client{}},
		"a deleted client":           {deleted.ID.String(), deletedSecret, client.Client{}},
		"an unknown client":          {handstamp.NewID().String(), secret, client.Client{}},
		"the zero id":                {handstamp.ID{}.String(), secret, client.Client{}},
		"an id in upper case":        {strings.ToUpper(id), secret, client.Client{}},
		"the name for the id":        {"billing", secret, client.Client{}},
		"no id":                      {"", secret, client.Client{}},
		"the hash for the secret":    {id, hashOf(t, d, billing), client.Client{}},
		"an id with something on it": {id + "\n", secret, client.Client{}},
	} {
		got, err := d.Authenticate(t.Context(), c.id, c.secret)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if refused := errors.Is(err, handstamp.ErrBadCredential); refused != (c.want == client.Client{}) || !refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func hashOf(t *testing.T, d *desk, c client.Client) client.Secret {
	t.Helper()
	r, err := d.store.Load(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return client.Secret(r.SecretHash[:])
}

// asked counts what a store is asked for.
type asked struct {
	client.Store
	loads int
	err   error
}

func (s *asked) Load(ctx context.Context, id handstamp.ID) (client.Record, error) {
	s.loads++
	if s.err != nil {
		return client.Record{}, s.err
	}
	return s.Store.Load(ctx, id)
}

// TestEqualWork: for a client that is not there the store is asked exactly as for one that is.
func TestEqualWork(t *testing.T) {
	store := &asked{Store: memory.NewClients()}
	r := client.New(store)
	c, secret, err := r.Add(t.Context(), "billing", client.ScopeIntrospect)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{c.ID.String(), handstamp.NewID().String(), "nonsense"} {
		store.loads = 0
		_, _ = r.Authenticate(t.Context(), id, secret)
		if store.loads != 1 {
			t.Errorf("%s: asked %d times", id, store.loads)
		}
	}
	store.loads = 0
	if _, err := r.Authenticate(t.Context(), c.ID.String(), secret[1:]+"A"); !errors.Is(err, handstamp.ErrBadCredential) || store.loads != 0 {
		t.Errorf("what cannot be a secret: %v, asked %d times", err, store.loads)
	}
	store.err = errors.New("broken")
	for _, id := range []string{c.ID.String(), "nonsense"} {
		if _, err := r.Authenticate(t.Context(), id, secret); !errors.Is(err, store.err) || errors.Is(err, handstamp.ErrBadCredential) {
			t.Errorf("with a broken store: %v", err)
		}
	}
}

func TestNames(t *testing.T) {
	d := newDesk()
	for name, want := range map[string]error{
		"billing": nil, "Zoë's büro": nil, strings.Repeat("a", client.MaxName): nil,
		"": client.ErrName, strings.Repeat("a", client.MaxName+1): client.ErrName, "a\nb": client.ErrName, "a\xff": client.ErrName, "\x1b[31m": client.ErrName,
	} {
		if _, _, err := d.Add(t.Context(), name, client.ScopeIntrospect); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if all, err := d.List(t.Context()); len(all) != 3 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}

// TestEvents: what is heard is what stands in the audit log, and neither has the secret.
func TestEvents(t *testing.T) {
	d := newDesk()
	ctx := handstamp.WithOrigin(t.Context(), handstamp.Origin{Operator: "operator"})
	c, secret, err := d.Add(ctx, "billing", client.ScopeIntrospect)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(ctx, c.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(ctx, c.ID); !errors.Is(err, client.ErrNoClient) {
		t.Errorf("deleted twice: %v", err)
	}
	entries, err := d.log.Entries(ctx, audit.Filter{Limit: 9})
	if err != nil || len(entries) != 2 || len(d.heard) != 2 {
		t.Fatalf("%d entries, %d heard, %v", len(entries), len(d.heard), err)
	}
	for i, action := range []handstamp.Action{handstamp.ActionClientCreate, handstamp.ActionClientDelete} {
		for _, e := range []handstamp.Event{entries[i].Event, d.heard[i]} {
			if e.Action != action || e.Outcome != handstamp.Success || e.Actor != "operator" || e.Reason != c.ID.String()+" billing" {
				t.Errorf("event %+v", e)
			}
			if strings.Contains(fmt.Sprintf("%+v", e), string(secret)[:20]) {
				t.Error("the event has the secret in it")
			}
		}
	}
}

// TestSecretsSayWhose they are, so that a service needs to be told one thing and not two.
func TestSecretsSayWhose(t *testing.T) {
	d := newDesk()
	c, secret := d.add(t, "billing")
	if id, ok := secret.ClientID(); !ok || id != c.ID {
		t.Errorf("the secret is that of %v, %v; want %v", id, ok, c.ID)
	}
	for _, secret := range []client.Secret{"", secret[1:], secret + "A", withoutID} {
		if id, ok := secret.ClientID(); ok {
			t.Errorf("%d bytes say that they are of %v", len(secret), id)
		}
	}
}

// withoutID is a secret of the form that they had before there were scopes.
const withoutID client.Secret = "handstamp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAn-soug"

// TestOldSecrets are still good.
func TestOldSecrets(t *testing.T) {
	d := newDesk()
	old := client.Client{ID: handstamp.NewID(), Name: "old"}
	if err := d.store.Insert(t.Context(), client.Record{Client: old, SecretHash: sha256.Sum256([]byte(withoutID))}); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Authenticate(t.Context(), old.ID.String(), withoutID); err != nil || got != old {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestScopes(t *testing.T) {
	d := newDesk()
	for scope, verifies := range map[client.Scope]bool{client.ScopeIntrospect: false, client.ScopeVerify: true, client.ScopeSessions: true} {
		c, secret, err := d.Add(t.Context(), "billing", scope)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Authenticate(t.Context(), c.ID.String(), secret)
		if err != nil || got.Scope != scope || got.Scope.Verifies() != verifies {
			t.Errorf("%q: %+v, %v", scope, got, err)
		}
	}
	if _, _, err := d.Add(t.Context(), "billing", "everything"); !errors.Is(err, client.ErrScope) {
		t.Errorf("a scope that is none: %v", err)
	}
}
