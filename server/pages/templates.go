package pages

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed templates/*.html
var templateFiles embed.FS

// layouts are the files that every page is made with. Each other file is a page.
var layouts = []string{"templates/layout.html", "templates/fields.html", "templates/lists.html"}

// sheets has what shows a view, by the view's Name. It is made for the first page, as most processes of this program,
// commands and hashes of passwords, show none.
var sheets = sync.OnceValue(func() map[string]*template.Template { return parseSheets(templateFiles) })

func parseSheets(files fs.FS) map[string]*template.Template {
	all, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err) // cannot happen: the pattern is well-formed
	}
	common := template.Must(template.New("").Funcs(template.FuncMap{
		"dict":     dict,
		"called":   called,
		"initials": initials,
		"moment":   moment,
		"day":      day,
		"rfc3339":  rfc3339,
		"mebibyte": mebibyte,
		"int":      whole,
		"count":    func(n int64) int { return int(n) },
	}).ParseFS(files, layouts...))
	sheets := make(map[string]*template.Template)
	for _, file := range all {
		name := strings.TrimSuffix(path.Base(file), ".html")
		sheets[name] = template.Must(template.Must(common.Clone()).ParseFS(files, file))
	}
	for _, file := range layouts {
		delete(sheets, strings.TrimSuffix(path.Base(file), ".html"))
	}
	return sheets
}

// writeTo writes the page that v is the view of. What it has written when it fails is no page.
func (v view) writeTo(w io.Writer) error {
	sheet, ok := sheets()[v.Name]
	if !ok {
		return fmt.Errorf("no template %q", v.Name)
	}
	return sheet.ExecuteTemplate(w, "layout", v)
}

// dict returns a map of names and values, for templates that are given more than one thing.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: a name without a value")
	}
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		data[name] = pairs[i+1]
	}
	return data, nil
}
