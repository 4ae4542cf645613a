package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// TestHandlersHaveWords: what handlers say is there. A template that asks for what is not there fails when it is rendered;
// a handler says nothing.
func TestHandlersHaveWords(t *testing.T) {
	said := slices.Concat(literals(t, "say"), literals(t, "Text"))
	if len(said) < 10 {
		t.Errorf("only %q found", said)
	}
	for _, key := range said {
		if slices.Contains([]string{"problem.", "status."}, key) {
			continue // what follows is tested elsewhere
		}
		if !slices.Contains(texts.Default().Keys(), key) {
			t.Errorf("there is no text %q", key)
		}
	}
}

// TestMadeUpKeys: where a key is made of a prefix and of what is data, there are texts for all that can follow, and for
// nothing else.
func TestMadeUpKeys(t *testing.T) {
	acts := slices.DeleteFunc(literals(t, "freshly"), func(act string) bool { return act == "user-" }) // which goes on as paths do
	p := &Pages{api: &api.API{}}
	for _, route := range p.adminRoutes() {
		act, isAct := strings.CutPrefix(route.Path, adminUsersPath+"/{id}/")
		if isAct && act != "end-sessions" { // which is not asked about
			acts = append(acts, "user-"+act)
		}
	}
	for prefix, want := range map[string][]string{"act.": acts, "done.": doneKeys, "status.": statuses(t)} {
		var found []string
		for _, key := range texts.Default().Keys() {
			if end, ok := strings.CutPrefix(key, prefix); ok {
				found = append(found, end)
			}
		}
		want = slices.Compact(slices.Sorted(slices.Values(want)))
		if !slices.Equal(found, want) {
			t.Errorf("there are texts %q…\n%q,\nand there should be\n%q", prefix, found, want)
		}
	}
}

// TestAllThatIsDoneIsSaid: a handler that names no key of the list would be silent.
func TestAllThatIsDoneIsSaid(t *testing.T) {
	used := make(map[string]bool)
	for name, place := range map[string]int{"done": 1, "change": 1, "editOwn": 0, "enterNew": 2} {
		for _, key := range literalsAt(t, name, place) {
			used[key] = true
		}
	}
	for _, key := range literalsAt(t, "enterNew", 3) {
		used[key] = true
	}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, slices.Sorted(slices.Values(doneKeys))) {
		t.Errorf("handlers say %q", got)
	}
}

// statuses returns those of all problems.
func statuses(t *testing.T) []string {
	byName := map[string]string{
		"StatusBadRequest": "400", "StatusUnauthorized": "401", "StatusForbidden": "403", "StatusNotFound": "404", "StatusMethodNotAllowed": "405",
		"StatusConflict": "409", "StatusPreconditionFailed": "412", "StatusRequestEntityTooLarge": "413", "StatusRequestURITooLong": "414",
		"StatusMisdirectedRequest": "421", "StatusTooManyRequests": "429", "StatusRequestHeaderFieldsTooLarge": "431",
		"StatusInternalServerError": "500", "StatusServiceUnavailable": "503", "StatusBadGateway": "502", "StatusGatewayTimeout": "504",
		"StatusOK": "", "StatusCreated": "", "StatusNoContent": "", "StatusSeeOther": "", "StatusNotModified": "", "StatusMovedPermanently": "", "StatusNotImplemented": "",
		"StatusText": "",
	}
	var found []string
	for _, folder := range []string{".", "../api", "../front"} {
		inspect(t, folder, func(n ast.Node) {
			e, ok := n.(*ast.SelectorExpr)
			if !ok || !strings.HasPrefix(e.Sel.Name, "Status") {
				return
			}
			if x, ok := e.X.(*ast.Ident); !ok || x.Name != "http" {
				return
			}
			if status, isKnown := byName[e.Sel.Name]; status != "" {
				found = append(found, status)
			} else if !isKnown {
				t.Errorf("what is http.%s? %s", e.Sel.Name, folder)
			}
		})
	}
	return found
}

// literals returns the first arguments of all calls of a method, as far as they begin with a literal.
func literals(t *testing.T, method string) []string { return literalsAt(t, method, 0) }

func literalsAt(t *testing.T, method string, place int) []string {
	t.Helper()
	var found []string
	inspect(t, ".", func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) <= place {
			return
		}
		if called, ok := call.Fun.(*ast.SelectorExpr); !ok || called.Sel.Name != method {
			return
		}
		argument := call.Args[place]
		if sum, ok := argument.(*ast.BinaryExpr); ok {
			argument = sum.X
		}
		if literal, ok := argument.(*ast.BasicLit); ok {
			key, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, key)
		}
	})
	return found
}

// inspect visits all that stands in the sources of a package, without its tests.
func inspect(t *testing.T, folder string, visit func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
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
}
