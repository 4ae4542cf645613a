package chaos_test

import (
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/handstamp/handstamp/internal/netns"
	"github.com/handstamp/handstamp/internal/privateserver"
)

// A database is a PostgreSQL server on a host of its own.
type database struct {
	*privateserver.Postgres
	host *netns.Host
}

// postgres is a store of users and sessions: a primary, and perhaps a standby for which its commits wait.
type postgres struct {
	t       *testing.T
	network *netns.Network
	rules   string // the file that says who gets in
	primary database
	standby database // nil if there is none
	name    string   // of the database in it
}

const (
	databasePort = 5432
	standbyName  = "standby"
)

// access lets everybody on the network in who has the password.
const access = `local all all trust
local replication all trust
host all all 10.9.0.0/16 scram-sha-256
host replication postgres 10.9.0.0/16 trust
`

// newPostgres starts a server alone.
func newPostgres(t *testing.T, n *netns.Network) *postgres {
	t.Helper()
	rules := filepath.Join(os.TempDir(), "pg_hba.conf") // which others can read, too
	if err := os.WriteFile(rules, []byte(access), 0o644); err != nil {
		t.Fatal(err)
	}
	p := &postgres{t: t, network: n, rules: rules}
	p.primary.host, p.standby.host = addHost(t, n, "db0"), addHost(t, n, "db1")
	p.primary.Postgres = privateserver.StartPostgres(t, p.config(p.primary.host, p.standby.host))
	at, err := url.Parse(p.primary.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	p.name = strings.TrimPrefix(at.Path, "/")
	return p
}

// config is that of a server on a host, which follows the one on another host whenever it is not the primary.
func (p *postgres) config(host, other *netns.Host) privateserver.PostgresConfig {
	at := url.URL{
		Scheme: "postgres", User: url.User("postgres"), Host: net.JoinHostPort(other.Addr, strconv.Itoa(databasePort)),
		RawQuery: "application_name=" + standbyName,
	}
	return privateserver.PostgresConfig{
		Listen:  []string{host.Addr},
		Port:    databasePort,
		Options: map[string]string{"hba_file": p.rules, "primary_conninfo": at.String()},
		Command: place(host),
	}
}

// withStandby adds a standby.
func (p *postgres) withStandby() *postgres {
	p.t.Helper()
	p.standby.Postgres = p.primary.StartStandby(p.t, p.config(p.standby.host, p.primary.host))
	p.follow()
	return p
}

// follow lets the primary wait for its standby at each commit, and no longer the standby, should it become the primary.
func (p *postgres) follow() {
	p.t.Helper()
	for server, waits := range map[*privateserver.Postgres]string{p.standby.Postgres: "", p.primary.Postgres: standbyName} {
		server.SQL(p.t, "ALTER SYSTEM SET synchronous_standby_names = '"+waits+"'")
		server.SQL(p.t, "SELECT pg_reload_conf()")
	}
}

// settings has a URL with both, of which that is taken which can be written to.
func (p *postgres) settings(strict bool) settings {
	at, err := url.Parse(p.primary.URL(p.name))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.standby.Postgres != nil {
		at.Host += "," + net.JoinHostPort(p.standby.host.Addr, at.Port())
	}
	s := settings{"STORE": at.String()}
	if strict {
		s["REVOCATION"] = "strict"
	}
	return s
}

func (p *postgres) hosts() []*netns.Host { return []*netns.Host{p.primary.host, p.standby.host} }

func (p *postgres) faults() []fault {
	return []fault{
		{
			name: "the database is stopped, and started again", least: long, blinds: everyNode,
			cause: func(*scene) (func() error, error) { p.primary.Stop(); return p.start, nil },
		},
		{
			name: "the database is killed, and started again", least: long, blinds: everyNode,
			cause: func(*scene) (func() error, error) { p.primary.Kill(); return p.start, nil },
		},
		{
			name:  "the database is killed, and started again at once",
			cause: func(*scene) (func() error, error) { p.primary.Kill(); return nothing, p.start() },
		},
		{
			name: "the database stands still", least: long, blinds: everyNode,
			cause: func(*scene) (func() error, error) {
				return func() error { return p.primary.host.Signal(syscall.SIGCONT) }, p.primary.host.Signal(syscall.SIGSTOP)
			},
		},
		{
			name:  "the primary is killed, and its standby promoted",
			cause: func(s *scene) (func() error, error) { p.primary.Kill(); return p.rebuild(s), p.promote() },
		},
		{
			name: "a standby is promoted while a node still reaches the primary", least: 3.5,
			blinds: func(s *scene) []int { return []int{s.victim.index} },
			cause:  func(s *scene) (func() error, error) { return p.rebuild(s), p.depose(s) },
		},
	}
}

func nothing() error { return nil }

func (p *postgres) start() error { p.primary.Start(p.t); return nil }

// promote makes the standby the primary.
func (p *postgres) promote() error {
	p.standby.Promote(p.t)
	p.primary, p.standby = p.standby, p.primary
	return nil
}

// depose lets one node reach the old primary alone, which reaches nobody else, and the others the new one.
func (p *postgres) depose(s *scene) error {
	old, young := p.primary.host, p.standby.host
	errs := []error{p.network.Cut(old, young)}
	for _, n := range s.nodes {
		if n == s.victim {
			errs = append(errs, p.network.Cut(n.host, young))
		} else {
			errs = append(errs, p.network.Cut(n.host, old))
		}
	}
	return errors.Join(append(errs, p.promote())...)
}

// rebuild returns what makes a standby of that which was the primary, and all lines whole.
func (p *postgres) rebuild(s *scene) func() error {
	return func() error {
		p.standby.Kill()
		if err := errors.Join(s.all(join), p.network.Join(p.standby.host, p.primary.host)); err != nil {
			return err
		}
		p.standby.Follow(p.t, p.primary.Postgres)
		p.follow()
		return nil
	}
}
