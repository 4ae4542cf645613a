// Package proof_test has spin look at every state of lease.pml: the promises have to hold in all of them, and each rule that is left
// out has to break one. The README beside it says what the names of the rules mean.
package proof_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// broken are the ways to break the model, and the promise that breaks with each; most break both.
var broken = map[string]string{
	"APPLIED_ELSEWHERE":    "strict",
	"EXTEND_FIRST":         "bounded",
	"FIRST_NOT_CLEARED":    "bounded",
	"FROM_RECEIPT":         "bounded",
	"GAP_IGNORED":          "bounded",
	"INCARNATION_IGNORED":  "bounded",
	"INCARNATION_LATE":     "bounded",
	"LEASE_AFTER_LOOKUP":   "bounded",
	"LOAD_ANY_INCARNATION": "bounded",
	"LOAD_UNLEASED":        "bounded",
	"READ_FIRST":           "strict",
	"NO_MARGIN":            "bounded",
	"NO_TICKET":            "bounded",
	"NO_WAIT_MARGIN":       "strict",
	"NODES_BEFORE_COMMIT":  "strict",
	"PUSH_ONLY":            "bounded",
	"READ_RENEWAL":         "bounded",
	"RENEWAL_UNDER_WAY":    "bounded",
	"RELEASE_FIRST":        "strict",
	"SEQUENCE":             "bounded",
	"SNAPSHOT_FIRST":       "strict",
	"SUSPEND":              "bounded",
	"WAIT_FROM_START":      "strict",
}

var (
	errorCount = regexp.MustCompile(`errors: (\d+)`)
	states     = regexp.MustCompile(`(\d+) states, stored`)
	depth      = regexp.MustCompile(`depth reached (\d+)`)
	violation  = regexp.MustCompile(`assertion violated .*at depth (\d+)`)
	unreached  = regexp.MustCompile(`lease\.pml:(\d+), state \d+, "(.*)"`)
)

func TestPromisesHold(t *testing.T) {
	if testing.Short() {
		t.Skip("needs spin, and most of a minute")
	}
	for name, defines := range map[string][]string{
		"strict":  {"STRICT"},
		"bounded": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := search(t, defines, "-O2", "-DCOLLAPSE")
			for _, incomplete := range []string{"max search depth", "not completed", "out of memory", "assertion violated"} {
				if strings.Contains(out, incomplete) {
					t.Errorf("spin says: %s", incomplete)
				}
			}
			if found := errorCount.FindStringSubmatch(out); found == nil || found[1] != "0" {
				t.Fatalf("the promise is not shown to hold:\n%s", out)
			}
			// A step that is never taken proves nothing.
			for _, line := range unreached.FindAllStringSubmatch(out, -1) {
				if line[2] != "-end-" {
					t.Errorf("line %s is never reached: %s", line[1], line[2])
				}
			}
			t.Logf("holds in all of %s states, the deepest at %s", first(states, out), first(depth, out))
		})
	}
}

func TestEveryRuleMatters(t *testing.T) {
	if testing.Short() {
		t.Skip("needs spin")
	}
	for name, promise := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defines := []string{name}
			if promise == "strict" {
				defines = append(defines, "STRICT")
			}
			// Looking at the processes the other way round finds the violation several times sooner.
			out := search(t, defines, "-O1", "-DREVERSE")
			found := violation.FindStringSubmatch(out)
			if found == nil {
				t.Fatalf("spin finds nothing wrong, and should:\n%s", out)
			}
			t.Logf("%s: violated at depth %s, after %s states", promise, found[1], first(states, out))
		})
	}
}

// TestEveryRuleIsTold compares what can be left out of the model with the tests and the README.
func TestEveryRuleIsTold(t *testing.T) {
	model, readme := read(t, "lease.pml"), read(t, "README.md")
	names := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?:ifn?def |defined\()([A-Z_]{2,})`).FindAllStringSubmatch(model, -1) {
		names[found[1]] = true
	}
	delete(names, "STRICT")
	tested := slices.Collect(maps.Keys(broken))
	for name := range names {
		if !slices.Contains(tested, name) {
			t.Errorf("the model has %s, and no test does", name)
		}
	}
	for _, name := range tested {
		if !names[name] {
			t.Errorf("%s is tested, and not in the model", name)
		}
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the README does not tell of %s", name)
		}
	}
}

// search makes a program of the model that looks at its states, runs it and returns what it says.
func search(t *testing.T, defines []string, compiler ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	model, err := filepath.Abs("lease.pml")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	run := func(program string, args ...string) string {
		t.Helper()
		command := exec.CommandContext(ctx, program, args...)
		command.Dir = folder
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", program, err, out)
		}
		return string(out)
	}
	var flags []string
	for _, name := range defines {
		flags = append(flags, "-D"+name)
	}
	run("spin", append(flags, "-a", model)...)
	run("gcc", append(compiler, "-w", "-DSAFETY", "-o", "pan", "pan.c")...)
	return run(filepath.Join(folder, "pan"), "-m200000", "-w23")
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func first(pattern *regexp.Regexp, text string) string {
	if found := pattern.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return "?"
}
