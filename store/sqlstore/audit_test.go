package sqlstore

import (
	"errors"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/store/storetest"
)

func TestAudit(t *testing.T) {
	storetest.Audit(t, func(t *testing.T, chain audit.Chain) storetest.Audited {
		s := open(t, newFile(t))
		log := s.Audit(chain)
		return storetest.Audited{Log: log, Users: s.Users(), Links: s.Users(), Sessions: s.Sessions()}
	})
}

func TestClients(t *testing.T) {
	storetest.Clients(t, func(t *testing.T, chain audit.Chain) (client.Store, audit.Log) {
		s := open(t, newFile(t))
		return s.Clients(), s.Audit(chain)
	})
}

// TestTamperingShows: whatever somebody who can write to the database does to the log, except cutting
// off its end, Verify tells.
func TestTamperingShows(t *testing.T) {
	for name, statements := range map[string][]string{
		"an entry changed":             {`UPDATE events SET address = '192.0.2.1' WHERE number = 3`},
		"an entry that names nobody":   {`UPDATE events SET user_id = NULL WHERE number = 3`},
		"an entry with a short ID":     {`UPDATE events SET user_id = x'00' WHERE number = 3`},
		"an entry removed":             {`DELETE FROM events WHERE number = 3`},
		"the first entry removed":      {`DELETE FROM events WHERE number = 1`},
		"entries changed places":       {`UPDATE events SET number = 99 WHERE number = 2`, `UPDATE events SET number = 2 WHERE number = 3`, `UPDATE events SET number = 3 WHERE number = 99`},
		"an entry added":               {`INSERT INTO events SELECT 6, at, action, outcome, reason, actor, actor_id, user_id, session_id, address, device, trace, sum FROM events WHERE number = 5`},
		"the beginning, as if trimmed": {`INSERT INTO events_start SELECT number, sum FROM events WHERE number = 2`, `DELETE FROM events WHERE number <= 2`},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, newFile(t))
			chain := audit.NewChain([]byte("key"))
			log := s.Audit(chain)
			for range 5 {
				e := handstamp.NewEvent(t.Context(), handstamp.ActionLogin)
				e.UserID = handstamp.NewID()
				if err := log.Record(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			seen, err := audit.Verify(t.Context(), log, chain, audit.Mark{})
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range statements {
				if _, err := s.writes.line.conn.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := audit.Verify(t.Context(), log, chain, audit.Mark{}); !errors.Is(err, audit.ErrBroken) {
				t.Errorf("Verify: %v, want ErrBroken", err)
			}
			if _, err := s.writes.line.conn.ExecContext(t.Context(), `DELETE FROM events WHERE number > 1`); err != nil {
				t.Fatal(err)
			}
			if _, err := audit.Verify(t.Context(), log, chain, seen); !errors.Is(err, audit.ErrBroken) {
				t.Errorf("Verify with the end cut off, which was seen: %v, want ErrBroken", err)
			}
		})
	}
}

// TestAuditWithAnotherKey: whoever does not have the key can't write the log anew.
func TestAuditWithAnotherKey(t *testing.T) {
	s := open(t, newFile(t))
	log := s.Audit(audit.NewChain([]byte("another key")))
	if err := log.Record(t.Context(), handstamp.NewEvent(t.Context(), handstamp.ActionLogin)); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Verify(t.Context(), log, audit.NewChain([]byte("key")), audit.Mark{}); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("Verify: %v, want ErrBroken", err)
	}
}
