package sqlstore

import (
	"context"
	"fmt"

	"github.com/handstamp/handstamp/internal/guarantee"
)

// Guarantee asks PostgreSQL how it is configured. Of SQLite, which this program configures itself, it says the same always.
func (s *Store) Guarantee(ctx context.Context) (guarantee.Guarantee, error) {
	if s.shared == nil {
		return guarantee.Guarantee{Server: "sqlite", Kill: guarantee.Kept, Power: guarantee.Kept, Failover: guarantee.Lost}, nil
	}
	var facts postgresFacts
	err := s.reads.query(ctx, func(r row) error {
		return r.Scan(&facts.version, &facts.fsync, &facts.fullPages, &facts.commit, &facts.standbys, &facts.replicas)
	}, `SELECT current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'),
		current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), (SELECT COUNT(*) FROM pg_stat_replication)`)
	if err != nil {
		return guarantee.Guarantee{}, fmt.Errorf("ask PostgreSQL about itself: %w", err)
	}
	return facts.judge(), nil
}

// postgresFacts are what a server says of itself.
type postgresFacts struct {
	version, fsync, fullPages, commit, standbys string
	replicas                                    int
}

func (f postgresFacts) judge() guarantee.Guarantee {
	g := guarantee.Guarantee{Server: "postgresql " + f.version, Kill: guarantee.Kept, Power: guarantee.Kept, Failover: guarantee.Lost}
	if f.fsync != "on" {
		g.Power = guarantee.Lost
		g.Note(true, "fsync is off: a power cut may destroy the database; set fsync = on")
	}
	if f.fullPages != "on" {
		g.Power = guarantee.Lost
		g.Note(true, "full_page_writes is off: a power cut may destroy the database; set it to on")
	}
	switch {
	case f.replicas == 0 && f.standbys == "":
		// Nobody is there to take over, and nobody claims so.
	case f.standbys == "":
		g.Failover = guarantee.Recent
		g.Note(true, "no replica has to have a commit: a failover may undo the last logins and revokes, and a primary that was replaced goes on for those "+
			"who see only it; set synchronous_standby_names")
	case f.replicas == 0:
		g.Note(true, "each commit waits for a replica, and none is there: nobody can sign in or out")
	case f.commit == "local":
		g.Failover = guarantee.Recent
		g.Note(true, "synchronous_commit is local: no commit waits for a replica; set on")
	default:
		g.Failover = guarantee.Kept
	}
	return g
}
