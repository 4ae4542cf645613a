//go:build linux

package logs_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAlerts: promtool understands the files, and each alert comes when it should, and only then.
func TestAlerts(t *testing.T) {
	t.Parallel()
	run(t, "promtool", "check", "config", "prometheus/prometheus.yml")
	run(t, "promtool", "check", "rules", "prometheus/alerts.yml")
	run(t, "promtool", "test", "rules", "prometheus/alerts_test.yml")

	tested := readFile(t, "prometheus/alerts_test.yml")
	names := regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(readFile(t, "prometheus/alerts.yml"), -1)
	if len(names) < 8 {
		t.Fatalf("there are %d alerts", len(names))
	}
	for _, name := range names {
		comes := strings.Contains(tested, "alertname: "+name[1]+"\n        exp_alerts:")
		staysAway := strings.Contains(tested, "alertname: "+name[1]+"}")
		if !comes || !staysAway {
			t.Errorf("%s is tested when it comes: %v, and when it does not: %v", name[1], comes, staysAway)
		}
	}
}

// A panel is one of Grafana's.
type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ RefID, Expr, LegendFormat string }
}

type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Panels        []panel
	Templating    struct {
		List []struct{ Name, Type, Definition string }
	}
	Annotations struct {
		List []struct{ Name, Expr string }
	}
}

func readDashboard(t testing.TB) dashboard {
	t.Helper()
	var d dashboard
	must(t, json.Unmarshal([]byte(readFile(t, "grafana.json")), &d))
	return d
}

// expressions returns the queries of the dashboard by the titles of their panels, with values for its variables.
func (d dashboard) expressions() map[string][]string {
	found := make(map[string][]string)
	values := strings.NewReplacer("$__rate_interval", "5m", "$job", "handstamp", "$instance", ".*")
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			found[p.Title] = append(found[p.Title], values.Replace(target.Expr))
		}
	}
	for _, a := range d.Annotations.List {
		found[a.Name] = append(found[a.Name], values.Replace(a.Expr))
	}
	return found
}

// TestDashboard: Prometheus understands every query of Grafana's dashboard, and no panel hides another one.
func TestDashboard(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	type rule struct {
		Record string `json:"record"`
		Expr   string `json:"expr"`
	}
	var rules []rule
	for _, queries := range d.expressions() {
		for _, query := range queries {
			if strings.Contains(query, "$") {
				t.Errorf("nobody fills in what %s asks for", query)
			}
			rules = append(rules, rule{"a:query", query})
		}
	}
	if len(rules) < 20 {
		t.Fatalf("there are %d queries", len(rules))
	}
	slices.SortFunc(rules, func(a, b rule) int { return strings.Compare(a.Expr, b.Expr) })
	rules = slices.Compact(rules)
	file := filepath.Join(t.TempDir(), "rules.yml")
	text, err := json.Marshal(map[string]any{"groups": []any{map[string]any{"name": "grafana", "rules": rules}}}) // which is YAML, too
	must(t, err)
	must(t, os.WriteFile(file, text, 0o600))
	run(t, "promtool", "check", "rules", "--lint=none", file)

	ids, cells := make(map[int]bool), make(map[[2]int]string)
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := cells[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q covers %q, or is too wide", p.Title, other)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
	}
}

// series are the labels of each metric, by its name.
type series map[string]map[string]bool

var (
	sample = regexp.MustCompile(`(?m)^([a-z]\w*)(?:\{([^}]*(?:\{[^}]*\}[^}]*)*)\})? `)
	label  = regexp.MustCompile(`(\w+)="`)
	metric = regexp.MustCompile(`\b(?:handstamp|process|go)_\w+`)
	legend = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

func readSeries(text string) series {
	found := make(series)
	for _, line := range sample.FindAllStringSubmatch(text, -1) {
		labels := found[line[1]]
		if labels == nil {
			labels = map[string]bool{"job": true, "instance": true} // which Prometheus adds
			found[line[1]] = labels
		}
		for _, name := range label.FindAllStringSubmatch(line[2], -1) {
			labels[name[1]] = true
		}
	}
	return found
}

// testMetrics holds dashboard and alerts to what the program shows at /metrics.
func testMetrics(t *testing.T, shown string) {
	known := readSeries(shown)
	if len(known) < 20 {
		t.Fatalf("the program shows %v only", slices.Sorted(maps.Keys(known)))
	}
	used := make(map[string]bool)
	check := func(where, query string) (labels map[string]bool) {
		labels = make(map[string]bool)
		for _, name := range metric.FindAllString(query, -1) {
			used[strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count")] = true
			if known[name] == nil {
				t.Errorf("%s asks for %s, which nobody shows", where, name)
			}
			maps.Copy(labels, known[name])
		}
		for _, name := range label.FindAllStringSubmatch(query, -1) {
			if !labels[name[1]] {
				t.Errorf("%s asks for the label %s of %s", where, name[1], query)
			}
		}
		return labels
	}
	d := readDashboard(t)
	for title, queries := range d.expressions() {
		for _, query := range queries {
			check("the panel "+title, query)
		}
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			labels := make(map[string]bool)
			for _, name := range metric.FindAllString(target.Expr, -1) {
				maps.Copy(labels, known[name])
			}
			for _, name := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				if !labels[name[1]] {
					t.Errorf("the legend of %s has the label %s, which is not there", p.Title, name[1])
				}
			}
		}
	}
	for _, variable := range d.Templating.List {
		check("the variable "+variable.Name, variable.Definition)
	}
	// What is only on the dashboard or only worth an alert is seen all the same; what is in neither is not.
	for name := range known {
		name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")
		if strings.HasPrefix(name, "handstamp_") && !used[name] {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
	for _, name := range metric.FindAllString(readFile(t, "prometheus/alerts.yml"), -1) {
		if known[name] == nil {
			t.Errorf("an alert asks for %s, which nobody shows", name)
		}
	}
	for _, line := range regexp.MustCompile(`(handstamp_\w+)\{([^}]*)\}`).FindAllStringSubmatch(readFile(t, "prometheus/alerts.yml"), -1) {
		check("an alert", line[0])
	}
}
