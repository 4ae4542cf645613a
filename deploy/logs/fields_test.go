//go:build linux

package logs_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/privateserver"
)

// TestNames: what dashboards, alerts and configurations ask for is what the program writes and shows, with sessions in Redis and events that
// cannot leave, so that all of it has something to say.
func TestNames(t *testing.T) {
	t.Parallel()
	redis := privateserver.StartRedis(t, privateserver.RedisOptions{})
	s := newServer(t, filepath.Join(t.TempDir(), "log"), "HANDSTAMP_LOG_LEVEL=debug", "HANDSTAMP_SESSION_STORE="+redis.URL(),
		"HANDSTAMP_TRUSTED_PROXIES=loopback", "HANDSTAMP_WEBHOOK_URL=http://127.0.0.1:1/", "HANDSTAMP_WEBHOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	s.live()
	s.mistype()
	until(t, "the log says that events do not arrive", func() bool { return strings.Contains(s.written(), "handstamp.destination") })
	status, shown := s.do("GET", "/metrics", nil)
	if status != 200 {
		t.Fatalf("/metrics: %d %s", status, shown)
	}
	s.stop()
	t.Run("metrics", func(t *testing.T) { testMetrics(t, shown) })
	records, _ := jsonLines(s.written())
	t.Run("fields", func(t *testing.T) { testFields(t, records) })
}

// added are fields that are not in these lines: that of whatever carries them, the stack of a panic, which nothing brings about from outside,
// and the trace, which only a program has that was built to send traces.
var added = []string{"host.name", "error.stack_trace", "trace.id"}

// testFields holds what names fields of the log to the log.
func testFields(t *testing.T, records []string) {
	written := make(map[string]bool)
	for _, line := range records {
		var record map[string]any
		must(t, json.Unmarshal([]byte(line), &record))
		for name := range record {
			written[name] = true
		}
	}
	for _, name := range added {
		if written[name] {
			t.Errorf("%s is in the program's lines; take it from the list", name)
		}
		written[name] = true
	}
	check := func(where string, names ...string) {
		if len(names) == 0 {
			t.Errorf("%s names no field", where)
		}
		for _, name := range names {
			if !written[name] {
				t.Errorf("%s names the field %s; there are %v", where, name, slices.Sorted(maps.Keys(written)))
			}
		}
	}
	mapped := readTemplate(t)
	check("index-template.json", slices.DeleteFunc(slices.Collect(maps.Keys(mapped)), func(name string) bool { return strings.HasSuffix(name, ".keyword") })...)
	for name := range written {
		if mapped[name] == "" {
			t.Errorf("index-template.json lacks %s", name)
		}
	}
	aggregated, queried := readKibana(t)
	for _, name := range append(slices.Clone(aggregated), queried...) {
		check("kibana.ndjson", strings.TrimSuffix(name, ".keyword"))
		if mapped[name] == "" {
			t.Errorf("kibana.ndjson asks for %s, which is not in index-template.json", name)
		}
	}
	for _, name := range aggregated {
		if mapped[name] == "text" {
			t.Errorf("kibana.ndjson counts by %s, which is text", name)
		}
	}
	find := func(file, pattern string) (names []string) {
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(readFile(t, file), -1) {
			names = append(names, found[1])
		}
		return names
	}
	check("splunk/props.conf", find("splunk/props.conf", `'([a-z_.]+)'`)...)
	check("splunk/props.conf", find("splunk/props.conf", `"([a-z_.]+)" AS `)...)
	check("splunk/props.conf", find("splunk/props.conf", `TIME_PREFIX = "([^"]+)"`)...)
	check("splunk/eventtypes.conf", find("splunk/eventtypes.conf", `"([a-z_.]+)"=`)...)
	check("fluent-bit.yaml", find("fluent-bit.yaml", `time_key: "(.*)"`)...)
	check("fluent-bit.yaml", find("fluent-bit.yaml", `(?:rename: MESSAGE|add:) (\S+)`)...)
	check("filebeat.yml", find("filebeat.yml", `contains:\s+(\S+):`)...)
	check("logstash.conf", "host.name")
	if !strings.Contains(readFile(t, "logstash.conf"), "%{[host][name]}") {
		t.Error("logstash.conf does not say which node it was")
	}
}

// readTemplate returns the types of the fields that the index template knows.
func readTemplate(t *testing.T) map[string]string {
	t.Helper()
	type field struct {
		Type               string
		Properties, Fields map[string]json.RawMessage
	}
	types := make(map[string]string)
	var walk func(prefix string, fields map[string]json.RawMessage)
	walk = func(prefix string, fields map[string]json.RawMessage) {
		for name, raw := range fields {
			var f field
			must(t, json.Unmarshal(raw, &f))
			if f.Type != "" {
				types[prefix+name] = f.Type
			}
			walk(prefix+name+".", f.Properties)
			walk(prefix+name+".", f.Fields)
		}
	}
	var template struct {
		Patterns []string `json:"index_patterns"`
		Template struct {
			Mappings struct{ Properties map[string]json.RawMessage }
		}
	}
	must(t, json.Unmarshal([]byte(readFile(t, "index-template.json")), &template))
	walk("", template.Template.Mappings.Properties)
	for _, file := range []string{"filebeat.yml", "fluent-bit.yaml"} {
		if len(template.Patterns) != 1 || !strings.Contains(readFile(t, file), "index: "+strings.TrimSuffix(template.Patterns[0], "*")) {
			t.Errorf("%s does not write to what the template is for, %v", file, template.Patterns)
		}
	}
	return types
}

// A savedObject is a line of an export of Kibana.
type savedObject struct {
	Type, ID   string
	Attributes struct {
		Title         string
		TimeFieldName string
		VisState      string
		PanelsJSON    string
		Meta          struct{ SearchSourceJSON string } `json:"kibanaSavedObjectMeta"`
	}
	References []struct{ Name, Type, ID string }
}

// asked is what stands before a value in a query of Kibana's.
var asked = regexp.MustCompile(`([a-z@_.]+)(?:: | >= )`)

// readKibana returns the fields that the dashboard of Kibana counts by, and those that it asks for. It fails where an object refers to what is not
// there, or a panel is shown twice or not at all.
func readKibana(t *testing.T) (aggregated, queried []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(readFile(t, "kibana.ndjson"), "\n"), "\n")
	objects := make(map[string]savedObject)
	shown := make(map[string]int)
	for _, line := range lines[:len(lines)-1] {
		var o savedObject
		must(t, json.Unmarshal([]byte(line), &o))
		objects[o.Type+" "+o.ID] = o
	}
	var end struct{ ExportedCount, MissingRefCount int }
	must(t, json.Unmarshal([]byte(lines[len(lines)-1]), &end))
	if end.ExportedCount != len(objects) || end.MissingRefCount != 0 {
		t.Errorf("the last line counts %+v, and there are %d objects", end, len(objects))
	}
	for name, o := range objects {
		names := make(map[string]bool)
		for _, r := range o.References {
			names[r.Name] = true
			if _, ok := objects[r.Type+" "+r.ID]; !ok {
				t.Errorf("%s refers to %s %s, which is not there", name, r.Type, r.ID)
			}
			if o.Type == "dashboard" {
				shown[r.ID]++
			}
		}
		switch o.Type {
		case "dashboard":
			var panels []struct{ PanelRefName string }
			must(t, json.Unmarshal([]byte(o.Attributes.PanelsJSON), &panels))
			for _, p := range panels {
				if !names[p.PanelRefName] {
					t.Errorf("the dashboard has the panel %q, which refers to nothing", p.PanelRefName)
				}
			}
			if len(panels) != len(o.References) {
				t.Errorf("there are %d panels and %d references", len(panels), len(o.References))
			}
		case "visualization":
			var state struct {
				Aggs []struct{ Params struct{ Field string } }
			}
			must(t, json.Unmarshal([]byte(o.Attributes.VisState), &state))
			for _, a := range state.Aggs {
				if a.Params.Field != "" {
					aggregated = append(aggregated, a.Params.Field)
				}
			}
			var source struct {
				Query        struct{ Query, Language string }
				IndexRefName string
			}
			must(t, json.Unmarshal([]byte(o.Attributes.Meta.SearchSourceJSON), &source))
			if source.Query.Language != "kuery" || !names[source.IndexRefName] {
				t.Errorf("%s: %+v", name, source)
			}
			for _, field := range asked.FindAllStringSubmatch(source.Query.Query, -1) {
				queried = append(queried, field[1])
			}
		case "index-pattern":
			aggregated = append(aggregated, o.Attributes.TimeFieldName)
		}
	}
	for name, o := range objects {
		if o.Type == "visualization" && shown[o.ID] != 1 {
			t.Errorf("%s is shown %d times", name, shown[o.ID])
		}
	}
	if len(aggregated) < 10 || len(queried) < 10 {
		t.Fatalf("the dashboard asks for %v and %v only", aggregated, queried)
	}
	return aggregated, queried
}
