package sqlstore

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/guarantee"
)

func TestGuaranteeOfPostgres(t *testing.T) {
	well := postgresFacts{version: "15.1", fsync: "on", fullPages: "on", commit: "on"}
	edit := func(change func(*postgresFacts)) postgresFacts {
		f := well
		change(&f)
		return f
	}
	for name, test := range map[string]struct {
		facts           postgresFacts
		power, failover guarantee.Level
		says            string // empty for nothing
	}{
		"one server":               {well, guarantee.Kept, guarantee.Lost, ""},
		"without fsync":            {edit(func(f *postgresFacts) { f.fsync = "off" }), guarantee.Lost, guarantee.Lost, "set fsync = on"},
		"torn pages":               {edit(func(f *postgresFacts) { f.fullPages = "off" }), guarantee.Lost, guarantee.Lost, "full_page_writes"},
		"an asynchronous replica":  {edit(func(f *postgresFacts) { f.replicas = 1 }), guarantee.Kept, guarantee.Recent, "synchronous_standby_names"},
		"a synchronous replica":    {edit(func(f *postgresFacts) { f.replicas, f.standbys = 1, "*" }), guarantee.Kept, guarantee.Kept, ""},
		"it is gone":               {edit(func(f *postgresFacts) { f.standbys = "*" }), guarantee.Kept, guarantee.Lost, "nobody can sign in"},
		"commits that do not wait": {edit(func(f *postgresFacts) { f.replicas, f.standbys, f.commit = 1, "*", "local" }), guarantee.Kept, guarantee.Recent, "local"},
	} {
		t.Run(name, func(t *testing.T) {
			g := test.facts.judge()
			if g.Kill != guarantee.Kept || g.Power != test.power || g.Failover != test.failover {
				t.Errorf("kill %s, power %s, failover %s; want kept, %s, %s", g.Kill, g.Power, g.Failover, test.power, test.failover)
			}
			switch {
			case test.says == "" && len(g.Findings) > 0:
				t.Errorf("says %v, and there is nothing to say", g.Findings)
			case test.says != "" && (len(g.Findings) != 1 || !g.Findings[0].Grave || !strings.Contains(g.Findings[0].Text, test.says)):
				t.Errorf("says %v, want that it says %q", g.Findings, test.says)
			}
		})
	}
}
