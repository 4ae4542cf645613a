package sqlstore

import (
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/store/storetest"
)

func TestOutbox(t *testing.T) {
	storetest.Outbox(t, func(t *testing.T, chain audit.Chain) storetest.Queued {
		s := open(t, newFile(t))
		return storetest.Queued{Log: s.Audit(chain), Outbox: s.Outbox()}
	})
}

// TestTurnEndsWithItsOwner: a process that owns the database need not wait for the one before.
func TestTurnEndsWithItsOwner(t *testing.T) {
	file := newFile(t)
	first := open(t, file)
	if _, err := first.Outbox().Claim(t.Context(), "first", outbox.Turn{}); err != nil {
		t.Fatal(err)
	}
	must(t, first.Close())
	turn, err := open(t, file).Outbox().Claim(t.Context(), "second", outbox.Turn{})
	if err != nil || turn.Holder != "second" {
		t.Errorf("%+v, %v", turn, err)
	}
}

// TestTrimDoesNotWaitForTheAbandoned: a destination that was taken out of the settings does not keep the log for ever.
func TestTrimDoesNotWaitForTheAbandoned(t *testing.T) {
	s := open(t, newFile(t))
	log := s.Audit(audit.NewChain(nil))
	if _, err := s.Outbox().Open(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		must(t, log.Record(t.Context(), handstamp.NewEvent(t.Context(), handstamp.ActionLogin)))
	}
	for _, step := range []struct {
		age  time.Duration
		want int
	}{{outbox.Abandoned - time.Hour, 0}, {outbox.Abandoned + time.Hour, 2}} {
		used := time.Now().Add(-step.age).UnixMicro()
		if _, err := s.reads.exec(t.Context(), `UPDATE outbox_positions SET used_at = $1`, used); err != nil {
			t.Fatal(err)
		}
		if n, err := log.Trim(t.Context(), time.Now().Add(time.Hour), 10); err != nil || n != step.want {
			t.Errorf("unused for %s: %d entries are trimmed, want %d (%v)", step.age, n, step.want, err)
		}
	}
}
