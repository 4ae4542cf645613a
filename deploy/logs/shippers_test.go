//go:build linux

package logs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestYAML: the files of those that cannot be run here are at least what they are called, and have the parts that matter.
func TestYAML(t *testing.T) {
	t.Parallel()
	for file, parts := range map[string][]string{
		"filebeat.yml": {`"overwrite_keys":true`, `"expand_keys":true`, `"target":""`, `"units":["handstamp.service"]`, `"message":"/setup/"`},
		"fluent-bit.yaml": {
			`"format":"json"`, `"exclude":"MESSAGE ^[^{]*/setup/"`, `"systemd_filter":"_SYSTEMD_UNIT=handstamp.service"`, `"name":"es"`, `"name":"splunk"`,
		},
	} {
		text := run(t, "go", "run", "-C", "../../tools", "./yaml", "../deploy/logs/"+file)
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %s", file, part)
			}
		}
	}
}

// TestLinkStaysHere: the pattern by which Fluent Bit leaves out the link that makes an administrator takes the link, and no record that
// tells of its use.
func TestLinkStaysHere(t *testing.T) {
	pattern := regexp.MustCompile(regexp.MustCompile(`exclude: MESSAGE (.*)`).FindStringSubmatch(readFile(t, "fluent-bit.yaml"))[1])
	for line, isLeftOut := range map[string]bool{
		"http://localhost:5000/setup/c2VjcmV0":                                true,
		"  https://id.example.com/login/setup/c2VjcmV0":                       true,
		`{"message":"request","url.path":"/setup/{secret}"}`:                  false,
		"handstamp: there is no administrator yet; whoever opens this link …": false,
	} {
		if pattern.MatchString(line) != isLeftOut {
			t.Errorf("%s: left out %v", line, !isLeftOut)
		}
	}
}

// TestRates: systemd understands what is added to the unit, and lets all lines pass.
func TestRates(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program, unit := filepath.Join(folder, "handstamp"), filepath.Join(folder, "handstamp.service")
	must(t, os.WriteFile(program, nil, 0o755))
	text, err := os.ReadFile("../handstamp.service")
	must(t, err)
	must(t, os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/handstamp", program)), 0o644))
	must(t, os.Mkdir(unit+".d", 0o755))
	must(t, os.WriteFile(filepath.Join(unit+".d", "logs.conf"), []byte(readFile(t, "handstamp-logs.conf")), 0o644))
	said, err := exec.Command("systemd-analyze", "--man=no", "verify", unit).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("verify: %v\n%s", err, said)
	}
}

// TestJSON: what is imported is JSON.
func TestJSON(t *testing.T) {
	for _, file := range []string{"grafana.json", "index-template.json"} {
		if !json.Valid([]byte(readFile(t, file))) {
			t.Errorf("%s is no JSON", file)
		}
	}
}
