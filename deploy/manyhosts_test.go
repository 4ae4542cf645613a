//go:build linux

package deploy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDropIns: systemd understands what a node and a balancer add to their units.
func TestDropIns(t *testing.T) {
	for unit, dropIn := range map[string]string{
		"handstamp.service":                          "ha/handstamp-node.conf",
		"/usr/lib/systemd/system/haproxy.service":    "ha/haproxy-balancer.conf",
		"/usr/lib/systemd/system/keepalived.service": "ha/keepalived-balancer.conf",
	} {
		folder := t.TempDir()
		program := filepath.Join(folder, "handstamp")
		name := filepath.Join(folder, filepath.Base(unit))
		text := strings.ReplaceAll(readFile(t, unit), "/usr/local/bin/handstamp", program)
		for file, text := range map[string]string{program: "", name: text, name + ".d/more.conf": readFile(t, dropIn)} {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(program, 0o755); err != nil { // systemd looks whether there is one
			t.Fatal(err)
		}
		said, err := exec.Command("systemd-analyze", "--man=no", "verify", name).CombinedOutput()
		if err != nil || bytes.Contains(said, []byte("more.conf")) {
			t.Errorf("%s: %v\n%s", dropIn, err, said)
		}
	}
}

// tool runs one of our tools and reads what it prints.
func tool(t *testing.T, into any, name string, args ...string) {
	t.Helper()
	c := exec.Command("go", append([]string{"run", "-C", "../tools", "./" + name}, args...)...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, &said)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

// beyondDrain is what a node needs besides its drain: 10 s for requests under way, and some for its end.
const beyondDrain = 15 * time.Second

// TestCompose: Docker Compose's own reader understands the file, and a node has the time that it needs to stop.
func TestCompose(t *testing.T) {
	var project struct {
		Services map[string]struct {
			Environment     map[string]string
			StopGracePeriod string `json:"stop_grace_period"`
			ReadOnly        bool   `json:"read_only"`
			Networks        map[string]struct {
				Address string `json:"ipv4_address"`
			}
		}
	}
	tool(t, &project, "compose", "../deploy/ha/compose.yaml")
	balancers := readFile(t, "ha/haproxy.cfg")
	for _, name := range []string{"one", "two", "three"} {
		node := project.Services[name]
		if address := node.Networks["inside"].Address + ":5000"; !strings.Contains(balancers, " "+address+"\n") {
			t.Errorf("nothing is balanced to node %s at %s", name, address)
		}
		drain, err := time.ParseDuration(node.Environment["HANDSTAMP_DRAIN"])
		if err != nil {
			t.Fatal(err)
		}
		if grace, err := time.ParseDuration(node.StopGracePeriod); err != nil || grace < drain+beyondDrain {
			t.Errorf("node %s drains for %v and is killed after %q", name, drain, node.StopGracePeriod)
		}
		if !node.ReadOnly || node.Environment["HANDSTAMP_NODE_NAME"] != name {
			t.Errorf("node %s: %+v", name, node)
		}
	}
	for _, name := range []string{"postgres", "lb1", "lb2"} {
		if _, ok := project.Services[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

// chartValues are what somebody would give the chart.
const chartValues = `
image: {repository: registry.example.com/handstamp, tag: v9}
publicURL: https://login.example.com
trustedProxies: [10.42.0.0/16, 10.43.0.0/16]
drainSeconds: 25
store: {url: "postgres://handstamp@db.internal:5432/handstamp?sslmode=verify-full"}
secret: {masterKey: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, storePassword: "a: \"b"}
settings: {HANDSTAMP_SESSION_IDLE: 30m}
autoscaling: {enabled: true}
ingress: {enabled: true, className: nginx, tlsSecret: login-tls}
operations: {enabled: true}
networkPolicy: {operations: [{namespaceSelector: {}}]}
`

// at returns what is at the end of a path of keys and indices.
func at(t *testing.T, object any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			fields, _ := object.(map[string]any)
			value, ok := fields[step]
			if !ok {
				t.Fatalf("there is no %v", path[:i+1])
			}
			object = value
		case int:
			object = object.([]any)[step]
		}
	}
	return object
}

// TestChart: what the chart makes fits together: labels, ports, names, probes, and the time that a node needs to stop.
func TestChart(t *testing.T) {
	values := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(values, []byte(chartValues), 0o600); err != nil {
		t.Fatal(err)
	}
	var objects map[string]any
	tool(t, &objects, "chart", "../deploy/helm/handstamp", values)
	want := func(what any, path ...any) {
		t.Helper()
		if diff := cmp.Diff(what, at(t, objects, path...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", path, diff)
		}
	}

	pod := []any{"Deployment", "spec", "template", "spec"}
	node := append(pod, "containers", 0)
	environment := make(map[string]any)
	for _, variable := range at(t, objects, append(node, "env")...).([]any) {
		environment[at(t, variable, "name").(string)] = variable.(map[string]any)["value"]
	}
	for name, value := range map[string]string{
		"HANDSTAMP_DRAIN": "25s", "HANDSTAMP_TRUSTED_PROXIES": "10.42.0.0/16,10.43.0.0/16", "HANDSTAMP_SESSION_IDLE": "30m",
		"HANDSTAMP_PUBLIC_URL": "https://login.example.com", "CREDENTIALS_DIRECTORY": "/run/secrets/handstamp",
	} {
		if environment[name] != value {
			t.Errorf("%s is %v, want %s", name, environment[name], value)
		}
	}
	grace := time.Duration(at(t, objects, append(pod, "terminationGracePeriodSeconds")...).(float64)) * time.Second
	if grace < 25*time.Second+beyondDrain {
		t.Errorf("a node drains for 25 s and is killed after %v", grace)
	}
	want("registry.example.com/handstamp:v9", append(node, "image")...)
	want("/readyz", append(node, "readinessProbe", "httpGet", "path")...)
	want("/readyz", append(node, "startupProbe", "httpGet", "path")...)
	want("/healthz", append(node, "livenessProbe", "httpGet", "path")...)
	want("operations", append(node, "readinessProbe", "httpGet", "port")...)
	want(true, append(node, "securityContext", "readOnlyRootFilesystem")...)
	want(true, append(pod, "securityContext", "runAsNonRoot")...)

	labels := map[string]any{"app.kubernetes.io/name": "handstamp", "app.kubernetes.io/instance": "login"}
	want(labels, "Deployment", "spec", "selector", "matchLabels")
	want(labels, "PodDisruptionBudget", "spec", "selector", "matchLabels")
	want(labels, "NetworkPolicy", "spec", "podSelector", "matchLabels")
	want(labels, "Service", "spec", "selector")
	for name, value := range labels {
		want(value, "Deployment", "spec", "template", "metadata", "labels", name)
	}
	want(float64(1), "PodDisruptionBudget", "spec", "maxUnavailable")
	want("None", "Service", "spec", "sessionAffinity")

	name := at(t, objects, "Deployment", "metadata", "name")
	want(name, "HorizontalPodAutoscaler", "spec", "scaleTargetRef", "name")
	want(at(t, objects, "Service", "metadata", "name"), "Ingress", "spec", "rules", 0, "http", "paths", 0, "backend", "service", "name")
	want("login.example.com", "Ingress", "spec", "rules", 0, "host")
	want(at(t, objects, "Secret", "metadata", "name"), append(pod, "volumes", 1, "secret", "secretName")...)
	want(map[string]any{
		"handstamp_master_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "handstamp_store_password": `a: "b`,
	}, "Secret", "stringData")
	if _, ok := at(t, objects, "Deployment", "spec").(map[string]any)["replicas"]; ok {
		t.Error("the chart and the autoscaler both say how many nodes there are")
	}
}

// TestChartRefuses: the chart makes nothing of values with which no node would start, or no session would be safe.
func TestChartRefuses(t *testing.T) {
	for what, change := range map[string][2]string{
		"no TLS":               {"https://login", "http://login"},
		"no proxies":           {"[10.42.0.0/16, 10.43.0.0/16]", "[]"},
		"a password in a URL":  {"handstamp@db", "handstamp:secret@db"},
		"a short master key":   {"AAAAAAAA", "A"},
		"no password":          {`storePassword: "a: \"b"`, `storePassword: ""`},
		"a misspelt value":     {"drainSeconds", "drainSecond"},
		"no setting of serve":  {"HANDSTAMP_SESSION_IDLE", "SESSION_IDLE"},
		"no image":             {"registry.example.com/handstamp", `""`},
		"a disappearing drain": {"drainSeconds: 25", "drainSeconds: 0"},
	} {
		if !strings.Contains(chartValues, change[0]) {
			t.Fatalf("%s: there is no %q", what, change[0])
		}
		values := filepath.Join(t.TempDir(), "values.yaml")
		if err := os.WriteFile(values, []byte(strings.Replace(chartValues, change[0], change[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command("go", "run", "-C", "../tools", "./chart", "../deploy/helm/handstamp", values).CombinedOutput()
		if err == nil || !bytes.Contains(said, []byte("validation failed")) {
			t.Errorf("%s: %v %.300s", what, err, said)
		}
	}
}
