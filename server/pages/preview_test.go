package pages

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/handstamp/handstamp/server/pages/texts"
)

// TestEveryPageIsSound renders all templates in all states, and looks at what they are made of.
func TestEveryPageIsSound(t *testing.T) {
	seen := make(map[string]bool)
	for name, v := range samples() {
		seen[v.Name] = true
		t.Run(name, func(t *testing.T) {
			page := render(t, v)
			for _, check := range []func(*testing.T, []*html.Node){
				formsHaveTokens, inputsHaveLabels, nothingInline, nothingFromElsewhere, idsAreUnique, headingsStepDown, oneFieldHasTheCursor,
			} {
				check(t, page)
			}
		})
	}
	for name := range sheets() {
		if !seen[name] {
			t.Errorf("no sample shows the template %q", name)
		}
	}
}

// TestEveryPageSpeaksAllLanguages: a text that is missing, or takes something else, is an error.
func TestEveryPageSpeaksAllLanguages(t *testing.T) {
	for _, language := range texts.Default().Languages() {
		for name, v := range samples() {
			v.Language = language
			if err := v.writeTo(io.Discard); err != nil {
				t.Errorf("%s in %s: %v", name, language.Name(), err)
			}
		}
	}
}

// madeUp is how keys begin of which the rest is data: codes, actions and the like.
var madeUp = regexp.MustCompile(`^(act|action|done|problem|status|duration)\.`)

// TestEveryTextIsUsed by a template or by a handler. Those with keys of several parts are tested where
// the parts come from, but for what was done: there, each key has to be allowed.
func TestEveryTextIsUsed(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	for _, key := range texts.Default().Keys() {
		bare := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		if !madeUp.MatchString(key) && !strings.Contains(sources.String(), `"`+bare+`"`) {
			t.Errorf("nothing uses the text %q", key)
		}
	}
	for _, language := range texts.Default().Languages() {
		for _, key := range doneKeys {
			if _, err := language.Text("done." + key); err != nil {
				t.Errorf("what was done has no words in %s: %v", language.Name(), err)
			}
		}
	}
}

// render returns all elements of the page, in their order.
func render(t *testing.T, v view) []*html.Node {
	t.Helper()
	var text bytes.Buffer
	if err := v.writeTo(&text); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&text)
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for node := range root.Descendants() {
		if node.Type == html.ElementNode {
			all = append(all, node)
		}
	}
	return all
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	for _, a := range node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func formsHaveTokens(t *testing.T, page []*html.Node) {
	for _, form := range page {
		if form.Data != "form" || attribute(form, "method") != "post" {
			continue
		}
		tokens := 0
		for node := range form.Descendants() {
			if attribute(node, "name") == "form_token" && attribute(node, "value") != "" {
				tokens++
			}
		}
		if tokens != 1 {
			t.Errorf("the form to %q has %d tokens", attribute(form, "action"), tokens)
		}
	}
}

func inputsHaveLabels(t *testing.T, page []*html.Node) {
	labelled := make(map[string]bool)
	ids := make(map[string]bool)
	for _, node := range page {
		ids[attribute(node, "id")] = true
		if node.Data == "label" {
			labelled[attribute(node, "for")] = true
		}
	}
	for _, node := range page {
		for id := range strings.FieldsSeq(attribute(node, "aria-describedby") + " " + attribute(node, "aria-labelledby")) {
			if !ids[id] {
				t.Errorf("<%s> is described by %q, which is not there", node.Data, id)
			}
		}
		if node.Data != "input" && node.Data != "select" || attribute(node, "type") == "hidden" || has(node, "hidden") {
			continue
		}
		if !labelled[attribute(node, "id")] {
			t.Errorf("the field %q has no label", attribute(node, "name"))
		}
		if has(node, "aria-invalid") && !strings.Contains(attribute(node, "aria-describedby"), "-error") {
			t.Errorf("the field %q is wrong, and is not told why", attribute(node, "name"))
		}
	}
}

// nothingInline is what the policy of the pages wants: it allows neither styles nor scripts in them.
func nothingInline(t *testing.T, page []*html.Node) {
	for _, node := range page {
		if node.Data == "style" || node.Data == "script" && (node.FirstChild != nil || !has(node, "src")) {
			t.Errorf("there is a <%s> in the page", node.Data)
		}
		for _, a := range node.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s=%q", node.Data, a.Key, a.Val)
			}
		}
	}
}

func nothingFromElsewhere(t *testing.T, page []*html.Node) {
	for _, node := range page {
		for _, name := range []string{"src", "srcset", "href", "action", "formaction", "poster", "data"} {
			if to := attribute(node, name); strings.Contains(to, "//") {
				t.Errorf("<%s> goes to %q", node.Data, to)
			}
		}
	}
}

func idsAreUnique(t *testing.T, page []*html.Node) {
	seen := make(map[string]bool)
	for _, node := range page {
		id := attribute(node, "id")
		if id != "" && seen[id] {
			t.Errorf("two elements have the id %q", id)
		}
		seen[id] = true
	}
}

func headingsStepDown(t *testing.T, page []*html.Node) {
	level, ones := 0, 0
	for _, node := range page {
		if len(node.Data) != 2 || node.Data[0] != 'h' || node.Data[1] < '1' || node.Data[1] > '6' {
			continue
		}
		next := int(node.Data[1] - '0')
		if next > level+1 {
			t.Errorf("<%s> follows a heading of level %d", node.Data, level)
		}
		if level = next; next == 1 {
			ones++
		}
	}
	if ones != 1 {
		t.Errorf("the page has %d headings of level 1", ones)
	}
}

// oneFieldHasTheCursor holds as browsers take the first of several; where something was wrong, there has
// to be one.
func oneFieldHasTheCursor(t *testing.T, page []*html.Node) {
	cursors, alerts, wrong := 0, 0, 0
	for _, node := range page {
		if has(node, "autofocus") {
			cursors++
		}
		if attribute(node, "role") == "alert" {
			alerts++
		}
		if has(node, "aria-invalid") {
			if wrong++; wrong == 1 && !has(node, "autofocus") {
				t.Errorf("the first wrong field, %q, does not have the cursor", attribute(node, "name"))
			}
		}
	}
	if cursors > 1 || alerts > 0 && cursors == 0 {
		t.Errorf("%d elements want the cursor, with %d alerts", cursors, alerts)
	}
}
