package sqlstore

import (
	"database/sql"
	"reflect"
	"strings"

	"github.com/handstamp/handstamp"
)

// plainText returns what PostgreSQL takes for a text: it knows no NUL, and no bytes that are not UTF-8. One statement that it refuses
// would fail the whole transaction, and with it the writes of others, and what a client calls itself, anybody may choose.
func plainText(s string) string {
	const instead = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(s, instead), "\x00", instead)
}

// clean makes every text among args one that the database takes.
func (d *dialect) clean(args []any) []any {
	if d.text == nil {
		return args
	}
	for i, arg := range args {
		args[i] = d.cleanOne(arg)
	}
	return args
}

func (d *dialect) cleanOne(arg any) any {
	switch arg := arg.(type) {
	case nil, []byte, int, int64:
		return arg
	case string:
		return d.text(arg)
	case sql.NullString:
		return sql.NullString{String: d.text(arg.String), Valid: arg.Valid}
	}
	// Also a text with a name of its own, and a pointer to one.
	v := reflect.ValueOf(arg)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return d.text(v.String())
	}
	return arg
}

// cleanEvent is clean for an event, whose sum has to be that of what is written down.
func (d *dialect) cleanEvent(e handstamp.Event) handstamp.Event {
	if d.text == nil {
		return e
	}
	e.Action, e.Outcome = handstamp.Action(d.text(string(e.Action))), handstamp.Outcome(d.text(string(e.Outcome)))
	e.Reason, e.Actor, e.Device, e.Trace = d.text(e.Reason), d.text(e.Actor), d.text(e.Device), d.text(e.Trace)
	return e
}
