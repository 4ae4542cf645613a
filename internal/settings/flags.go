package settings

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// flagName returns the name of the flag, without dashes.
func (r row) flagName() string {
	if r.isSecret {
		return r.name + keySuffix
	}
	return r.name
}

// Flags returns a struct with the flags, for [kong.Plugins]. They take any text, so that what is
// wrong with it is reported beside what is wrong elsewhere: [Given] returns it.
func (t *Table[S]) Flags() any {
	var fields []reflect.StructField
	for i, r := range t.rows {
		if !r.ownFlag {
			continue
		}
		field := reflect.StructField{Name: fmt.Sprintf("Flag%d", i), Type: reflect.TypeFor[*string]()}
		tags := []string{"name", r.flagName(), "group", r.group, "help", r.flagHelp(), "placeholder", r.describe()}
		switch {
		case r.isSecret:
			tags[len(tags)-1] = "FILE"
		case r.isList:
			field.Type = reflect.TypeFor[[]string]()
			tags = append(tags, "sep", "none")
			tags[len(tags)-3] += ",…"
		case r.kind.Kind() == reflect.Bool:
			field.Type = reflect.TypeFor[*bool]()
			tags = append(tags, "negatable", "")
		}
		var tag strings.Builder
		for j := 0; j < len(tags); j += 2 {
			fmt.Fprintf(&tag, "%s:%s ", tags[j], strconv.Quote(tags[j+1]))
		}
		field.Tag = reflect.StructTag(tag.String())
		fields = append(fields, field)
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

func (r row) flagHelp() string {
	help := r.help
	if r.isSecret {
		help = "File of a secret. " + help
	}
	if r.fallback != "" {
		help += " Default: " + r.fallback + "."
	}
	return help
}

// Given returns what was given on the command line, by the name of the flag: not what kong has from
// elsewhere.
func Given(parsed *kong.Context) map[string][]string {
	given := make(map[string][]string)
	for _, element := range parsed.Path {
		if element.Flag == nil || element.Resolved {
			continue
		}
		switch value := parsed.FlagValue(element.Flag).(type) {
		case *string:
			given[element.Flag.Name] = []string{*value}
		case string:
			given[element.Flag.Name] = []string{value}
		case *bool:
			given[element.Flag.Name] = []string{strconv.FormatBool(*value)}
		case []string:
			given[element.Flag.Name] = value
		}
	}
	return given
}
