package session_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func set(key, value string) func(session.Data) error {
	return func(data session.Data) error {
		data[key] = json.RawMessage(value)
		return nil
	}
}

func update(t *testing.T, m *session.Manager, token session.Token, change func(session.Data) error) {
	t.Helper()
	if _, err := m.Update(t.Context(), token, change); err != nil {
		t.Fatal(err)
	}
}

func wantData(t *testing.T, m *session.Manager, token session.Token, want session.Data) {
	t.Helper()
	got, _, err := m.Data(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

func TestDataBag(t *testing.T) {
	m := newManager(t, memory.New())
	token := begin(t, m, handstamp.Identity{UserID: ann})
	wantData(t, m, token, session.Data{})
	update(t, m, token, set("cart", `[1,2]`))
	update(t, m, token, set("name", `"Zoé"`))
	want := session.Data{"cart": json.RawMessage(`[1,2]`), "name": json.RawMessage(`"Zoé"`)}
	wantData(t, m, token, want)

	fresh, err := m.Renew(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	wantData(t, m, fresh, want)
	update(t, m, fresh, func(data session.Data) error { clear(data); return nil })
	wantData(t, m, fresh, session.Data{})

	if err := m.End(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Data(t.Context(), fresh); !errors.Is(err, session.ErrGone) {
		t.Errorf("Data after End: %v, want ErrGone", err)
	}
	if _, err := m.Update(t.Context(), fresh, set("a", "1")); !errors.Is(err, session.ErrGone) {
		t.Errorf("Update after End: %v, want ErrGone", err)
	}
}

func TestDataOfTwoWritersIsKept(t *testing.T) {
	m := newManager(t, memory.New())
	token := begin(t, m, handstamp.Identity{UserID: ann})
	want := session.Data{}
	var all sync.WaitGroup
	for i := range 8 {
		key := fmt.Sprint("key", i)
		want[key] = json.RawMessage("1")
		all.Go(func() {
			if _, err := m.Update(t.Context(), token, set(key, "1")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantData(t, m, token, want)
	if _, revision, _ := m.Data(t.Context(), token); revision != 9 {
		t.Errorf("revision %d after 8 changes, want 9", revision)
	}
}

func TestDataLimits(t *testing.T) {
	m := newManager(t, memory.New())
	token := begin(t, m, handstamp.Identity{UserID: ann})
	update(t, m, token, set("kept", "1"))
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		change func(session.Data) error
		want   error
	}{
		"too large":           {set("big", `"`+strings.Repeat("x", session.MaxData)+`"`), session.ErrData},
		"key too long":        {set(strings.Repeat("k", session.MaxDataKey+1), "1"), session.ErrData},
		"not JSON":            {set("bad", "{"), session.ErrData},
		"refused by the code": {func(session.Data) error { return refused }, refused},
	} {
		if _, err := m.Update(t.Context(), token, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	wantData(t, m, token, session.Data{"kept": json.RawMessage("1")})
	update(t, m, token, set(strings.Repeat("k", session.MaxDataKey), "1"))
}

// TestDataIsSealed reads what a thief of the database would read.
func TestDataIsSealed(t *testing.T) {
	store := memory.New()
	m := newManager(t, store)
	victim, thief := begin(t, m, handstamp.Identity{UserID: ann}), begin(t, m, handstamp.Identity{UserID: bob})
	update(t, m, victim, set("card", `"4111 1111"`))
	update(t, m, thief, set("card", `"none"`))
	stolen, err := store.Load(t.Context(), victim.Hash())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stolen.Data, []byte("4111")) || bytes.Contains(stolen.Data, []byte("card")) {
		t.Error("the data bag can be read in the store")
	}
	// Put into one's own session, it does not open either.
	own, err := store.Load(t.Context(), thief.Hash())
	if err != nil {
		t.Fatal(err)
	}
	own.Data = stolen.Data
	if err := store.Swap(t.Context(), thief.Hash(), own); err != nil {
		t.Fatal(err)
	}
	if data, _, err := m.Data(t.Context(), thief); !errors.Is(err, session.ErrSeal) {
		t.Errorf("a bag of another session opens: %v, %v", data, err)
	}
}

// TestUpdateIf writes only what was seen.
func TestUpdateIf(t *testing.T) {
	m := newManager(t, memory.New())
	token := begin(t, m, handstamp.Identity{UserID: ann})
	_, seen, err := m.Data(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	next, err := m.UpdateIf(t.Context(), token, seen, set("a", "1"))
	if err != nil || next == seen {
		t.Fatalf("UpdateIf = %d, %v", next, err)
	}
	if _, err := m.UpdateIf(t.Context(), token, seen, set("a", "2")); !errors.Is(err, session.ErrConflict) {
		t.Errorf("UpdateIf of what has changed: %v, want ErrConflict", err)
	}
	wantData(t, m, token, session.Data{"a": json.RawMessage("1")})
	if _, now, err := m.Data(t.Context(), token); err != nil || now != next {
		t.Errorf("revision %d, %v; UpdateIf had said %d", now, err, next)
	}
}
