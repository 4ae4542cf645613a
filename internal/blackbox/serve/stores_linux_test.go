package serve_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/handstamp/handstamp/internal/privateserver"
)

// servers are those of others, in which the product keeps things. All tests share them.
var servers privateserver.Suite

// withServers stops them when the tests have run.
type withServers struct{ *testing.M }

// Run runs the tests.
func (m withServers) Run() int {
	defer servers.Close()
	return m.M.Run()
}

var startedPostgres = sync.OnceValue(func() *privateserver.Postgres {
	return privateserver.StartPostgres(&servers, privateserver.PostgresConfig{Options: map[string]string{"max_connections": "2000"}})
})

const redisDatabases = 10_000

var startedRedis = sync.OnceValue(func() *privateserver.Redis {
	return privateserver.StartRedis(&servers, privateserver.RedisOptions{Config: []string{fmt.Sprint("databases ", redisDatabases), "appendfsync everysec"}})
})

var redisDatabase atomic.Int64

// place returns the settings of a store of its own for one server, for the environment, and where its SQL database
// is, for those who change it behind the server's back.
func place(t testing.TB, store string) (env []string, database string) {
	t.Helper()
	switch store {
	case "postgres":
		database = startedPostgres().NewDatabase(t)
	case "redis":
		database = startedPostgres().NewDatabase(t)
		number := redisDatabase.Add(1) % redisDatabases
		env = append(env, fmt.Sprint("HANDSTAMP_SESSION_STORE=", startedRedis().URL(), "/", number))
	default:
		return []string{"HANDSTAMP_STORE=" + store}, ""
	}
	return append(env, "HANDSTAMP_STORE="+database), database
}
