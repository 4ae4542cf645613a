//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const readme = "README.md"

// TestREADME runs every command of the README.
func TestREADME(t *testing.T) { typePage(t, readme, 16) }

// TestREADMESettings has the server look at the settings that the README shows.
func TestREADMESettings(t *testing.T) {
	shown := ""
	for _, b := range codeBlocks(read(t, "../../"+readme)) {
		if b.language == "toml" {
			shown += b.text
		}
	}
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "handstamp.toml"), shown)
	out, err := command(t, folder, "handstamp serve --data . --check").CombinedOutput()
	if err != nil || string(out) != "the settings are good\n" || !strings.Contains(shown, "rules") {
		t.Errorf("%v: %s\n%s", err, out, shown)
	}
}

// TestDocs runs what the pages in docs show in a console.
func TestDocs(t *testing.T) {
	for name, least := range map[string]int{
		"api": 30, "events": 10, "forward-auth": 7, "from-flask": 4, "from-php": 10, "from-plone": 8, "gate": 10,
		"library": 4, "microservices": 15, "operations": 15, "pages": 12, "tokens": 20,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			typePage(t, "docs/"+name+".md", least)
		})
	}
}

// wantInExample fails if a page shows other code than the examples hold.
func (p *page) wantInExample(code string) {
	t := p.t
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.folder, "examples/*/main.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	found := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(text), code)
	}
	if !found {
		t.Errorf("the page shows code that no example holds:\n%s", code)
	}
	if p.name != readme {
		return
	}
	// Whoever copies it must not end up with a server that lets everybody in.
	if !strings.Contains(code, "guard.Require()(mux)") {
		t.Error("the README's code leaves out the guard")
	}
	lines := 0
	for line := range strings.Lines(code) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	if lines > 10 {
		t.Errorf("the README's code has %d lines, and promises ten", lines)
	}
}

// TestDocsNameEveryCode: the page of the API has each code that there is, and no other.
func TestDocsNameEveryCode(t *testing.T) {
	files, err := filepath.Glob("../../server/front/*.go")
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[string]bool)
	for _, file := range append(files, "../../server/api/problem.go") {
		for _, m := range regexp.MustCompile(`(?:http\.Status\w+, |later\()"([a-z_]+)"`).FindAllStringSubmatch(read(t, file), -1) {
			there[m[1]] = true
		}
	}
	_, table, _ := strings.Cut(read(t, "../../docs/api.md"), "\n## Errors\n")
	named := make(map[string]bool)
	for _, row := range regexp.MustCompile(`(?m)^\| \d[\d, ]+\|([^|]+)\|`).FindAllStringSubmatch(table, -1) {
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1) {
			named[m[1]] = true
		}
	}
	if diff := cmp.Diff(there, named); diff != "" {
		t.Errorf("codes (-code, +page):\n%s", diff)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
