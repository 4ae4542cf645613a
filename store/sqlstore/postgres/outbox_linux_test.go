package postgres_test

import (
	"testing"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/store/storetest"
)

func TestOutbox(t *testing.T) {
	storetest.Outbox(t, func(t *testing.T, chain audit.Chain) storetest.Queued {
		s := openNew(t)
		return storetest.Queued{Log: s.Audit(chain), Outbox: s.Outbox()}
	})
}
