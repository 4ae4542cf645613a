package texts_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/server/pages/texts"
)

// An entry is a key and its text.
type entry struct{ key, text string }

// readFile returns the entries of a language in the order of its file.
func readFile(t testing.TB, tag string) []entry {
	t.Helper()
	file, err := os.Open(tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var words []string
	for decoder := json.NewDecoder(file); decoder.More() || len(words) == 0; {
		word, err := decoder.Token()
		if err != nil {
			t.Fatalf("%s: %v", tag, err)
		}
		if s, isString := word.(string); isString {
			words = append(words, s)
		}
	}
	var entries []entry
	for pair := range slices.Chunk(words, 2) {
		entries = append(entries, entry{pair[0], pair[1]})
	}
	return entries
}

// tags returns the tags of all languages, English first.
func tags() []string {
	var all []string
	for _, l := range texts.Default().Languages() {
		all = append(all, l.Tag())
	}
	return all
}

func keysOf(entries []entry) []string {
	var keys []string
	for _, e := range entries {
		keys = append(keys, e.key)
	}
	return keys
}

var braces = regexp.MustCompile(`\{[^}]*\}`)

// namesIn returns what is to be put into a text, sorted.
func namesIn(text string) []string {
	return slices.Compact(slices.Sorted(slices.Values(braces.FindAllString(text, -1))))
}

// TestCataloguesAgree: each language has the texts of the original, in its order, and puts the same into
// them.
func TestCataloguesAgree(t *testing.T) {
	original := readFile(t, "en")
	keys := slices.Sorted(slices.Values(keysOf(original)))
	if diff := cmp.Diff(keys, texts.Default().Keys()); diff != "" {
		t.Errorf("keys: a file has one twice, or Keys returns others (-file +Keys):\n%s", diff)
	}
	for _, tag := range tags()[1:] {
		entries := readFile(t, tag)
		if diff := cmp.Diff(keysOf(original), keysOf(entries)); diff != "" {
			t.Errorf("keys of %s (-en +%s):\n%s", tag, tag, diff)
			continue
		}
		for i, e := range entries {
			if diff := cmp.Diff(namesIn(original[i].text), namesIn(e.text)); diff != "" {
				t.Errorf("%s %q (-en +%s):\n%s", tag, e.key, tag, diff)
			}
		}
	}
}

// TestPluralsHaveTwoForms, which take the same: the number is in both, as one is not always 1.
func TestPluralsHaveTwoForms(t *testing.T) {
	forms := map[string]string{}
	for _, e := range readFile(t, "en") {
		forms[e.key] = e.text
	}
	found := 0
	for key, text := range forms {
		for form, other := range map[string]string{".one": ".other", ".other": ".one"} {
			stem, isForm := strings.CutSuffix(key, form)
			if !isForm {
				continue
			}
			found++
			if diff := cmp.Diff(namesIn(text), namesIn(forms[stem+other])); diff != "" || !slices.Contains(namesIn(text), "{count}") {
				t.Errorf("%q and %q do not take the same, or no {count}:\n%s", key, stem+other, diff)
			}
		}
	}
	if found == 0 {
		t.Error("there are no plurals: were they looked for?")
	}
}

// TestHouseStyle: calm, in the quotation marks and spaces of print, and without HTML.
func TestHouseStyle(t *testing.T) {
	for _, tag := range tags() {
		for _, e := range readFile(t, tag) {
			for _, never := range []string{"!", "'", `"`, "...", "  ", "<", ">", "&", "\n", "\t"} {
				if strings.Contains(e.text, never) {
					t.Errorf("%s %q has %q: %s", tag, e.key, never, e.text)
				}
			}
			if strings.TrimSpace(e.text) != e.text || e.text == "" {
				t.Errorf("%s %q is empty, or has spaces around it", tag, e.key)
			}
			if bare := regexp.MustCompile(`[^\x{202f}\x{a0}][;:?»]|«[^\x{202f}\x{a0}]`); tag == "fr" && bare.MatchString(e.text) {
				t.Errorf("%s %q has a mark without its unbreakable space: %s", tag, e.key, e.text)
			}
		}
	}
}

// same are texts that another language has from English, or shares with it.
var same = map[string][]string{
	"fr": {
		"duration.minutes.one", "duration.minutes.other", "nav.sessions", "node.goroutines", "node.version", "page.pages",
		"sessions.count.one", "sessions.count.other", "sessions.title",
	},
	"de": {"field.optional", "node.goroutines", "node.version", "page.status", "role.admin", "users.name", "users.standing"},
	"es": {"node.goroutines"},
}

// TestTranslated: nothing was left in English.
func TestTranslated(t *testing.T) {
	original := readFile(t, "en")
	for _, tag := range tags()[1:] {
		entries := readFile(t, tag)
		var untranslated []string
		for i := range min(len(entries), len(original)) {
			if entries[i].text == original[i].text {
				untranslated = append(untranslated, entries[i].key)
			}
		}
		slices.Sort(untranslated)
		if diff := cmp.Diff(same[tag], untranslated, cmp.Transformer("none", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
			t.Errorf("%s has the English text (-may be +is):\n%s", tag, diff)
		}
	}
}

// TestAllHasWords: every action in the audit log and every problem of the server can be told.
func TestAllHasWords(t *testing.T) {
	keys := texts.Default().Keys()
	for prefix, found := range map[string]map[string]bool{
		"action.":  actions(t, "../../../event.go"),
		"problem.": codes(t, "../../api", "../../front", ".."),
	} {
		if len(found) < 20 {
			t.Errorf("only %d of %s found in the sources: %v", len(found), prefix, slices.Sorted(maps.Keys(found)))
		}
		for name := range found {
			if !slices.Contains(keys, prefix+name) {
				t.Errorf("there is no text %q", prefix+name)
			}
		}
		for _, key := range keys {
			if name, ok := strings.CutPrefix(key, prefix); ok && !found[name] {
				t.Errorf("text %q is for something that is not there", key)
			}
		}
	}
}

// actions returns the values of the constants of type Action.
func actions(t *testing.T, file string) map[string]bool {
	found := map[string]bool{}
	inspect(t, file, func(n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok && isNamed(spec.Type, "Action") {
			found[stringOf(spec.Values[0])] = true
		}
	})
	return found
}

// codes returns the codes of all problems that packages know.
func codes(t *testing.T, folders ...string) map[string]bool {
	found := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			inspect(t, file, func(n ast.Node) {
				switch n := n.(type) {
				case *ast.CallExpr:
					if isNamed(n.Fun, "problem") {
						found[stringOf(n.Args[1])] = true
					} else if isNamed(n.Fun, "later") {
						found[stringOf(n.Args[0])] = true
					}
				case *ast.KeyValueExpr:
					if _, ok := n.Value.(*ast.BasicLit); ok && isNamed(n.Key, "Code") {
						found[stringOf(n.Value)] = true
					}
				case *ast.CompositeLit:
					if isNamed(n.Type, "refusal") {
						found[stringOf(n.Elts[1])] = true
					}
				}
			})
		}
	}
	delete(found, "") // classic has none, and no pages
	return found
}

func inspect(t *testing.T, file string, visit func(ast.Node)) {
	t.Helper()
	if strings.HasSuffix(file, "_test.go") {
		return
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		visit(n)
		return true
	})
}

func isNamed(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

// stringOf returns the value of a string literal, or what would be no key.
func stringOf(e ast.Expr) string {
	if literal, ok := e.(*ast.BasicLit); ok {
		if s, err := strconv.Unquote(literal.Value); err == nil {
			return s
		}
	}
	return "(no literal)"
}
