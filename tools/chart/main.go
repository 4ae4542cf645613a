// Command chart renders a Helm chart with a file of values and prints the objects as JSON, by kind. It is how a test sees
// that a chart is right: Helm itself takes a minute and more to compile. It knows what our charts need of Helm: values with a
// schema, and a handful of functions.
//
//	go run ./chart FOLDER VALUES
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: chart FOLDER VALUES")
		os.Exit(2)
	}
	objects, err := render(os.Args[1], os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(objects)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

// read reads a YAML file.
func read(file string) (values map[string]any, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return values, nil
}

// merge puts given over standard, which it changes.
func merge(standard, given map[string]any) map[string]any {
	for name, value := range given {
		inner, isMap := value.(map[string]any)
		was, wasMap := standard[name].(map[string]any)
		if isMap && wasMap {
			value = merge(was, inner)
		}
		standard[name] = value
	}
	return standard
}

// check compares values with the schema of the chart.
func check(folder string, values map[string]any) error {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(folder, "values.schema.json"))
	if err != nil {
		return err
	}
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// render returns the objects of the chart by their kinds.
func render(folder, given string) (map[string]any, error) {
	values, err := read(filepath.Join(folder, "values.yaml"))
	if err != nil {
		return nil, err
	}
	special, err := read(given)
	if err != nil {
		return nil, err
	}
	merge(values, special)
	if err := check(folder, values); err != nil {
		return nil, err
	}
	about, err := read(filepath.Join(folder, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	chart := make(map[string]any)
	for name, value := range about { // a template says .Chart.AppVersion
		chart[strings.ToUpper(name[:1])+name[1:]] = value
	}
	root := template.New("").Option("missingkey=error")
	root.Funcs(functions(root))
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if _, err := root.New("templates/" + filepath.Base(file)).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	scope := map[string]any{
		"Values": values, "Chart": chart, "Template": map[string]any{"BasePath": "templates"},
		"Release": map[string]any{"Name": "login", "Namespace": "default", "Service": "Helm"},
	}
	objects := make(map[string]any)
	for _, file := range files {
		if filepath.Ext(file) != ".yaml" {
			continue
		}
		var text bytes.Buffer
		if err := root.ExecuteTemplate(&text, "templates/"+filepath.Base(file), scope); err != nil {
			return nil, err
		}
		var object map[string]any
		if err := yaml.Unmarshal(text.Bytes(), &object); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", file, err, &text)
		}
		if kind, ok := object["kind"].(string); ok {
			objects[kind] = object
		}
	}
	return objects, nil
}
