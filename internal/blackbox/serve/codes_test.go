package serve_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestCodesAreDescribed: the list of codes in openapi.yaml is that of the program, so that a client can
// rely on it.
func TestCodesAreDescribed(t *testing.T) {
	t.Parallel()
	doc, err := described()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, code := range doc.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		want = append(want, code.(string))
	}
	got := slices.Concat(codesIn(t, "../../../server/api"), codesIn(t, "../../../server/front"))
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("the program has\n%q\nand openapi.yaml\n%q", got, want)
	}
	for code := range anywhere {
		if !slices.Contains(got, code) {
			t.Errorf("there is no code %s", code)
		}
	}
}

var codeShape = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// codesIn returns the codes with which a package makes problems and refusals.
func codesIn(t testing.TB, folder string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch made := node.(type) {
			case *ast.CallExpr:
				if name, ok := made.Fun.(*ast.Ident); ok && (name.Name == "problem" || name.Name == "later") {
					found = append(found, codesAmong(made.Args)...)
				}
			case *ast.CompositeLit:
				if name, ok := made.Type.(*ast.Ident); ok && name.Name == "refusal" {
					found = append(found, codesAmong(made.Elts)...)
				}
			}
			return true
		})
	}
	return found
}

func codesAmong(expressions []ast.Expr) (found []string) {
	for _, e := range expressions {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && codeShape.MatchString(text) {
				found = append(found, text)
			}
		}
	}
	return found
}
