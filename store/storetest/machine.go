package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// stateMachine does random things to a store and to a plain map, and compares them after each.
func stateMachine(t *testing.T, open func(*testing.T) session.Store) {
	store := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		// Checks share the store, as opening one takes long; they keep apart by their users.
		m := &machine{t: rt, store: store, model: make(map[session.Hash]session.Record)}
		for range 3 {
			m.users = append(m.users, handstamp.NewID())
		}
		rt.Repeat(map[string]func(*rapid.T){
			"insert": m.insert, "swap": m.swap, "touch": m.touch, "end": m.end, "endUser": m.endUser, "": m.check,
		})
	})
}

type machine struct {
	t     *rapid.T
	store session.Store
	users []handstamp.ID
	model map[session.Hash]session.Record
	ended []session.Hash // and never begun again
}

// pick draws a hash that is there or was.
func (m *machine) pick(t *rapid.T) session.Hash {
	var hashes []session.Hash
	for hash := range m.model {
		hashes = append(hashes, hash)
	}
	hashes = append(hashes, m.ended...)
	if len(hashes) == 0 {
		t.Skip("no session yet")
	}
	return hashes[rapid.IntRange(0, len(hashes)-1).Draw(t, "session")]
}

func (m *machine) expect(t *rapid.T, what string, err, want error) {
	if !errors.Is(err, want) {
		t.Fatalf("%s: error %v, want %v", what, err, want)
	}
}

func (m *machine) insert(t *rapid.T) {
	r := newRecord(rapid.SampledFrom(m.users).Draw(t, "user"), moment)
	if rapid.Bool().Draw(t, "bearer") {
		r = newBearer(r.UserID, moment)
	}
	r.Data = rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "data")
	m.expect(t, "Insert", m.store.Insert(t.Context(), r), nil)
	m.model[r.Hash] = r
}

func (m *machine) swap(t *rapid.T) {
	old := m.pick(t)
	is, there := m.model[old]
	r := is
	r.Hash = old
	r.Data = rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "data")
	r.Revision += rapid.Int64Range(-1, 0).Draw(t, "behind")
	if rapid.Bool().Draw(t, "renew") {
		r.Hash = session.RandomToken().Hash()
	}
	if !r.Until.IsZero() && rapid.Bool().Draw(t, "rotate") {
		r.Generation++
		r.Until = r.Until.Add(time.Minute)
		r.RotatedAt = r.Until.Add(-time.Hour)
	}
	err := m.store.Swap(t.Context(), old, r)
	switch {
	case !there:
		m.expect(t, "Swap", err, session.ErrGone)
	case r.Revision != is.Revision:
		m.expect(t, "Swap", err, session.ErrConflict)
	default:
		m.expect(t, "Swap", err, nil)
		m.forget(old)
		r.Revision++
		m.model[r.Hash] = r
		if r.Hash == old {
			m.ended = m.ended[:len(m.ended)-1]
		}
	}
}

func (m *machine) forget(hash session.Hash) {
	delete(m.model, hash)
	m.ended = append(m.ended, hash)
}

func (m *machine) touch(t *rapid.T) {
	hash := m.pick(t)
	r, there := m.model[hash]
	at := moment.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "seconds")) * time.Second)
	err := m.store.Touch(t.Context(), hash, at)
	if !there {
		m.expect(t, "Touch", err, session.ErrGone)
		return
	}
	m.expect(t, "Touch", err, nil)
	if at.After(r.SeenAt) {
		r.SeenAt = at
		m.model[hash] = r
	}
}

func (m *machine) end(t *rapid.T) {
	hash := m.pick(t)
	n, err := m.store.End(t.Context(), session.Selection{Hash: hash})
	m.expect(t, "End", err, nil)
	if _, there := m.model[hash]; there != (n == 1) {
		t.Fatalf("End ended %d sessions; the session was there: %v", n, there)
	}
	if n == 1 {
		m.forget(hash)
	}
}

func (m *machine) endUser(t *rapid.T) {
	user := rapid.SampledFrom(m.users).Draw(t, "user")
	n, err := m.store.End(t.Context(), session.Selection{UserID: user})
	m.expect(t, "End", err, nil)
	for hash, r := range m.model {
		if r.UserID == user {
			n--
			m.forget(hash)
		}
	}
	if n != 0 {
		t.Fatalf("End ended %d sessions more than the user had", n)
	}
}

func (m *machine) check(t *rapid.T) {
	for hash, want := range m.model {
		got, err := m.store.Load(t.Context(), hash)
		m.expect(t, "Load", err, nil)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("record (-want +got):\n%s", diff)
		}
	}
	for _, hash := range m.ended {
		_, err := m.store.Load(t.Context(), hash)
		m.expect(t, "Load of an ended session", err, session.ErrGone)
	}
	total := 0
	for _, user := range m.users {
		sessions, err := m.store.List(t.Context(), session.Query{UserID: user})
		m.expect(t, "List", err, nil)
		total += len(sessions)
	}
	if total != len(m.model) {
		t.Fatalf("%d sessions in the lists, want %d", total, len(m.model))
	}
}
