//go:build linux

package privateserver

import (
	"os"
	"strconv"
)

// StartStandby starts a replica of the server, which takes everything over as it comes and takes no writes.
func (p *Postgres) StartStandby(tb TB, config PostgresConfig) *Postgres {
	tb.Helper()
	s := newPostgres(tb, config)
	s.Follow(tb, p)
	return s
}

// Follow makes a replica of another server of one that does not run, and starts it. What it held before is gone.
func (p *Postgres) Follow(tb TB, primary *Postgres) {
	tb.Helper()
	if err := os.RemoveAll(p.data()); err != nil {
		tb.Fatalf("empty PostgreSQL: %v", err)
	}
	err := p.run("pg_basebackup", "-D", p.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync",
		"-h", primary.folder, "-p", strconv.Itoa(primary.config.Port), "-U", "postgres")
	if err != nil {
		tb.Fatalf("copy PostgreSQL: %v", err)
	}
	p.Start(tb)
}

// Promote makes a replica take writes, and returns when it does. It asks nobody: whoever wants to be sure that there is one
// server only ends the other one first.
func (p *Postgres) Promote(tb TB) {
	tb.Helper()
	p.SQL(tb, `SELECT pg_promote(true, 30)`)
}
