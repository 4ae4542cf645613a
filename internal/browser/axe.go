package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// wcag are the tags of axe-core's rules for WCAG 2.2, levels A and AA.
var wcag = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"}

// A finding is a rule of axe-core that the page does not keep.
type finding struct {
	ID, Impact, Help, HelpURL string
	Nodes                     []struct {
		Target         []any  // CSS selectors, one for each frame on the way
		FailureSummary string // lines
	}
}

// String says what is wrong, and where.
func (f finding) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s: %s (%s)", f.Impact, f.ID, f.Help, f.HelpURL)
	for _, node := range f.Nodes {
		fmt.Fprintf(&text, "\n\t%v: %s", node.Target, strings.Join(strings.Fields(node.FailureSummary), " "))
	}
	return text.String()
}

// Accessible runs axe-core in the present page, with the rules for WCAG 2.2 AA and those that have one of
// the tags, such as "best-practice". It fails the test for each that is broken in a serious or critical
// way; the others, and what only a human can decide, are in the log of the test.
func (v *Visitor) Accessible(tags ...string) {
	v.t.Helper()
	source, err := axeSource()
	if err != nil {
		v.t.Fatalf("browser: %v", err)
	}
	options, err := json.Marshal(map[string]any{
		"runOnly":     append(slices.Clone(wcag), tags...),
		"rules":       map[string]any{"target-size": map[string]bool{"enabled": true}}, // off by default, and AA
		"resultTypes": []string{"violations", "incomplete"},
		"preload":     false, // it would load the stylesheets again
	})
	if err != nil {
		v.t.Fatalf("browser: options of axe-core: %v", err)
	}
	if v.device.NoScript { // its own timers need it; the scripts of a page that has loaded stay away
		if err := setScripts(v.ctx, true); err != nil {
			v.fail("switch JavaScript on for axe-core: %v", err)
		}
		defer func() {
			if err := setScripts(v.ctx, false); err != nil {
				v.fail("switch JavaScript off again: %v", err)
			}
		}()
	}
	var results struct{ Violations, Incomplete []finding }
	v.Eval(fmt.Sprintf(`globalThis.axe || (() => { %s })(); null`, source), nil)
	v.Eval(fmt.Sprintf(`axe.run(document, %s).then(r => ({violations: r.violations, incomplete: r.incomplete}))`, options), &results)
	for _, f := range results.Violations {
		if f.Impact == "serious" || f.Impact == "critical" {
			v.t.Errorf("browser: %s: %v", v.URL(), f)
		} else {
			v.t.Logf("browser: %s: %v", v.URL(), f)
		}
	}
	for _, f := range results.Incomplete {
		v.t.Logf("browser: %s: to be looked at: %v", v.URL(), f)
	}
}

// axeSource returns axe-core, as npm has installed it.
var axeSource = sync.OnceValues(func() (string, error) {
	const file = "tools/axe/node_modules/axe-core/axe.min.js"
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "tools/axe/package.json")); err == nil {
			source, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				return "", fmt.Errorf("axe-core is not installed: run make deps: %w", err)
			}
			return string(source), nil
		}
		up := filepath.Dir(folder)
		if up == folder {
			return "", fmt.Errorf("no %s in any folder above", file)
		}
		folder = up
	}
})
