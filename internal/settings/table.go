package settings

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/handstamp/handstamp/internal/secret"
)

// A Table is what there is to set: the fields of the struct S, as their tags describe them. It is
// safe for concurrent use.
type Table[S any] struct{ rows []row }

// A row is one setting.
type row struct {
	index    int // of the field
	name     string
	group    string
	help     string
	fallback string // the default
	enum     []string
	min, max string

	kind       reflect.Type // of the field, or of the elements of a list
	isList     bool
	isSecret   bool
	reloadable bool
	ownFlag    bool
}

// NewTable reads the tags of S. It panics when they make no sense, as only a programmer can mend
// that.
func NewTable[S any]() *Table[S] {
	t := new(Table[S])
	of := reflect.TypeFor[S]()
	for i := range of.NumField() {
		r := newRow(of.Field(i), i)
		if r.group == "" && i > 0 {
			r.group = t.rows[i-1].group
		}
		if r.group == "" || r.name == "" || r.help == "" {
			panic("settings: field " + of.Field(i).Name + " needs a name, a help text and a group")
		}
		if err := r.setAll(reflect.New(of.Field(i).Type).Elem(), raw{words: r.split(r.fallback), isList: r.isList}); err != nil {
			panic(fmt.Sprintf("settings: default of %s: %v", r.name, err))
		}
		t.rows = append(t.rows, r)
	}
	return t
}

func newRow(field reflect.StructField, index int) row {
	tag := field.Tag
	_, reloadable := tag.Lookup("reload")
	r := row{
		index: index, name: tag.Get("name"), group: tag.Get("group"), help: tag.Get("help"),
		fallback: tag.Get("default"), min: tag.Get("min"), max: tag.Get("max"),
		kind: field.Type, reloadable: reloadable, ownFlag: tag.Get("flag") != "-",
	}
	if enum := tag.Get("enum"); enum != "" {
		r.enum = strings.Split(enum, ",")
	}
	isText := reflect.PointerTo(field.Type).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	if field.Type.Kind() == reflect.Slice && !isText {
		r.isList, r.kind = true, field.Type.Elem()
	}
	r.isSecret = r.kind == reflect.TypeFor[secret.Text]()
	if r.isSecret && r.isList {
		panic("settings: " + r.name + ": there are no lists of secrets")
	}
	return r
}

// variable returns the name in the environment.
func (r row) variable() string { return Prefix + snake(r.name, strings.ToUpper) }

// credential returns the name of the file in $CREDENTIALS_DIRECTORY.
func (r row) credential() string { return strings.ToLower(Prefix) + snake(r.name, strings.ToLower) }

// Prefix is how the names of variables begin.
const Prefix = "HANDSTAMP_"

func snake(name string, letters func(string) string) string {
	return letters(strings.ReplaceAll(name, "-", "_"))
}

// describe returns the kind of value that goes in, as one word in capitals.
func (r row) describe() string {
	if r.enum != nil {
		return strings.Join(r.enum, "|")
	}
	if d, ok := reflect.New(r.kind).Interface().(interface{ Placeholder() string }); ok {
		return d.Placeholder()
	}
	switch r.kind.Kind() {
	case reflect.Int:
		return "NUMBER"
	case reflect.Bool:
		return "true|false"
	default:
		return "TEXT"
	}
}
