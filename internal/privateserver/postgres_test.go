//go:build linux

package privateserver_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/privateserver"
)

func TestPostgres(t *testing.T) {
	p := privateserver.StartPostgres(t, privateserver.PostgresConfig{Options: map[string]string{"work_mem": "5MB"}})
	if got := p.SQL(t, `SHOW work_mem`); got != "5MB" {
		t.Errorf("work_mem is %q, want what the test asked for", got)
	}
	if a, b := p.NewDatabase(t), p.NewDatabase(t); a == b || !strings.HasPrefix(a, "postgres://handstamp:") {
		t.Errorf("databases %s and %s, want two", a, b)
	}
	for name, end := range map[string]func(){"stopped": p.Stop, "killed": p.Kill} {
		end()
		p.Start(t)
		if got := p.SQL(t, `SELECT count(*) FROM pg_database WHERE datname LIKE 'test%'`); got != "2" {
			t.Errorf("%s databases after the server was %s, want 2", got, name)
		}
	}
}
