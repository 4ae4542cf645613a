package leaserules_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/leaserules"
)

// good is a log in which nodes of a lease of 100, less 2, keep every rule.
const good = `{"kind":"node","node":"a","lease":100,"margin":2}
{"kind":"node","node":"b","lease":100,"margin":2}
{"kind":"renewal","node":"a","noted":10,"applied":15,"end":108,"incarnation":"x","after":-1,"head":41,"cleared":true}
{"kind":"renewal","node":"b","noted":10,"applied":15,"end":108,"incarnation":"x","after":-1,"head":41,"cleared":true}
{"kind":"lookup","node":"a","at":107,"session":"s","from":"cache","decision":"accepted"}
{"kind":"lookup","node":"b","at":120,"session":"s","from":"store","decision":"accepted"}
{"kind":"lookup","node":"b","at":121,"session":"s","from":"store","decision":"blind"}
{"kind":"request","node":"b","session":"s","start":1100,"answered":1110,"decision":"accepted"}
{"kind":"revoke","node":"a","session":"s","start":1000,"answered":1050,"mode":"bounded"}
{"kind":"request","node":"a","session":"s","start":1050,"answered":1060,"decision":"accepted"}
{"kind":"request","node":"b","session":"s","start":1150,"answered":1160,"decision":"accepted"}
{"kind":"request","node":"b","session":"s","start":1150,"answered":1155,"decision":"refused"}
{"kind":"renewal","node":"a","noted":40,"applied":50,"end":138,"incarnation":"x","after":41,"head":43,"changes":2}
{"kind":"lookup","node":"a","at":137,"session":"t","from":"cache","decision":"accepted"}
{"kind":"renewal","node":"a","noted":60,"applied":70,"end":150,"incarnation":"y","after":43,"head":7,"cleared":true}
`

func TestGoodLog(t *testing.T) {
	report, err := leaserules.Check(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations {
		t.Error(v)
	}
	if report.Nodes != 2 || report.Renewals != 4 || report.Lookups != 4 || report.FromCache != 2 || report.Revokes != 1 || report.Requests != 4 {
		t.Errorf("counted %+v", report)
	}
}

// TestEveryRule changes one thing in the good log.
func TestEveryRule(t *testing.T) {
	for name, c := range map[string]struct {
		old, now string
		line     int
		rule     string
	}{
		"lease from the receipt":         {`"applied":50,"end":138`, `"applied":50,"end":148`, 13, leaserules.RuleEnd},
		"no margin":                      {`"applied":50,"end":138`, `"applied":50,"end":140`, 13, leaserules.RuleEnd},
		"applied before it was noted":    {`"noted":40,"applied":50`, `"noted":40,"applied":39`, 13, leaserules.RuleOrder},
		"noted before the last":          {`"noted":60,"applied":70`, `"noted":49,"applied":70`, 15, leaserules.RuleOrder},
		"the first keeps the cache":      {`"head":41,"cleared":true}`, `"head":41,"changes":42}`, 3, leaserules.RuleFollows},
		"a change is missing":            {`"changes":2`, `"changes":1`, 13, leaserules.RuleFollows},
		"a position is skipped":          {`"after":41,"head":43,"changes":2`, `"after":42,"head":43,"changes":1`, 13, leaserules.RuleFollows},
		"another incarnation":            {`"head":7,"cleared":true`, `"head":43`, 15, leaserules.RuleFollows},
		"the head went back":             {`"incarnation":"y","after":43,"head":7,"cleared":true`, `"incarnation":"x","after":43,"head":42,"changes":-1`, 15, leaserules.RuleFollows},
		"cache after the lease":          {`"at":107`, `"at":160`, 5, leaserules.RuleCache},
		"cache while changes are coming": {`"noted":40,"applied":50`, `"noted":40,"applied":138`, 14, leaserules.RuleCache},
		"cache before the lease":         {`"at":107`, `"at":14`, 5, leaserules.RuleCache},
		"accepted past the lease":        {`"start":1150,"answered":1160`, `"start":1151,"answered":1160`, 11, leaserules.RulePromise},
		"accepted after strict":          {`"mode":"bounded"`, `"mode":"strict"`, 8, leaserules.RulePromise},
		"accepted on its own node":       {`"start":1050,"answered":1060`, `"start":1051,"answered":1060`, 10, leaserules.RuleOwnNode},
		"accepted while it was refused":  {`"answered":1155`, `"answered":1150`, 0, ""},
		"a comeback":                     {`"start":1150,"answered":1155`, `"start":1120,"answered":1149`, 11, leaserules.RuleNoComeback},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the log has no %s", c.old)
			}
			report, err := leaserules.Check(strings.NewReader(strings.Replace(good, c.old, c.now, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if c.rule == "" {
				if len(report.Violations) > 0 {
					t.Errorf("found %v, and there is nothing", report.Violations)
				}
				return
			}
			for _, v := range report.Violations {
				if v.Line == c.line && v.Rule == c.rule {
					return
				}
			}
			t.Errorf("found %v, want line %d: %s", report.Violations, c.line, c.rule)
		})
	}
}

// TestNoLog: what cannot be read must not pass for a log in which nothing is wrong.
func TestNoLog(t *testing.T) {
	for name, log := range map[string]string{
		"cut off":           good[:len(good)-20],
		"no JSON":           good + "panic: oops\n",
		"a field too many":  strings.Replace(good, `"margin":2`, `"margin":2,"x":1`, 1),
		"no such kind":      good + `{"kind":"lunch","node":"a"}`,
		"no such decision":  strings.Replace(good, "blind", "perhaps", 1),
		"a node unheard of": good + `{"kind":"request","node":"c","session":"s","start":1,"answered":2,"decision":"refused"}`,
		"a node twice":      good + `{"kind":"node","node":"a","lease":100,"margin":2}`,
		"no session":        good + `{"kind":"request","node":"a","start":1,"answered":2,"decision":"refused"}`,
		"no lease":          `{"kind":"node","node":"a"}`,
		"back in time":      good + `{"kind":"request","node":"a","session":"s","start":3,"answered":2,"decision":"refused"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if report, err := leaserules.Check(strings.NewReader(log)); err == nil {
				t.Errorf("taken for a log: %+v", report)
			}
		})
	}
}

// TestDocumentedLog: the example in the documentation is a log, and a good one.
func TestDocumentedLog(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	for _, line := range regexp.MustCompile(`(?m)^//\t(\{.*\})$`).FindAllStringSubmatch(string(text), -1) {
		log.WriteString(line[1] + "\n")
	}
	report, err := leaserules.Check(strings.NewReader(`{"kind":"node","node":"b1","lease":2000000000,"margin":40000000}` + "\n" + log.String()))
	if err != nil || len(report.Violations) > 0 || report.Renewals != 2 || report.Requests != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestAppendIsRead(t *testing.T) {
	log := leaserules.Line{Kind: leaserules.Node, Node: "a", Lease: 100}.Append(nil)
	log = leaserules.Line{Kind: leaserules.Lookup, Node: "a", At: 7, Session: "s", From: leaserules.FromCache, Decision: leaserules.Accepted}.Append(log)
	report, err := leaserules.Check(strings.NewReader(string(log)))
	if err != nil || len(report.Violations) != 1 {
		t.Errorf("%+v, %v; want one violation, as the node has no lease", report, err)
	}
}
