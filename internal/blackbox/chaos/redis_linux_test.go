package chaos_test

import (
	"testing"

	"github.com/handstamp/handstamp/internal/netns"
	"github.com/handstamp/handstamp/internal/privateserver"
)

// redis keeps the sessions, in a server that writes every change to the disk before it answers, beside a database that
// keeps the users.
type redis struct {
	server *privateserver.Redis
	host   *netns.Host
	users  *postgres
}

func newRedis(t *testing.T, n *netns.Network) *redis {
	t.Helper()
	r := &redis{users: newPostgres(t, n), host: addHost(t, n, "redis0")}
	r.server = privateserver.StartRedis(t, privateserver.RedisOptions{Listen: r.host.Addr, Command: place(r.host)})
	return r
}

func (r *redis) settings(strict bool) settings {
	s := r.users.settings(strict)
	s["SESSION_STORE"] = r.server.URL()
	return s
}

func (r *redis) hosts() []*netns.Host { return []*netns.Host{r.host} }

func (r *redis) start() error { r.server.Start(); return nil }

func (r *redis) faults() []fault {
	return []fault{
		{
			name: "Redis is stopped, and started again", least: long, blinds: everyNode,
			cause: func(*scene) (func() error, error) { r.server.Stop(); return r.start, nil },
		},
		{
			name: "Redis is killed, and started again", least: long, blinds: everyNode,
			cause: func(*scene) (func() error, error) { r.server.Kill(); return r.start, nil },
		},
		{
			name:  "Redis is killed, and started again at once",
			cause: func(*scene) (func() error, error) { r.server.Kill(); return nothing, r.start() },
		},
		{
			name: "Redis stands still", least: long, blinds: everyNode,
			cause: func(*scene) (func() error, error) {
				r.server.Pause()
				return func() error { r.server.Resume(); return nil }, nil
			},
		},
		{
			name: "the database of users is killed, and started again", least: long,
			cause: func(*scene) (func() error, error) { r.users.primary.Kill(); return r.users.start, nil },
		},
		{
			name: "a node is cut off from the database of users", least: long,
			cause: func(s *scene) (func() error, error) {
				host, kept := s.victim.host, r.users.hosts()
				return func() error { return s.network.Join(host, kept...) }, s.network.Cut(host, kept...)
			},
		},
	}
}
