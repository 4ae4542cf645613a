package ecslog

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The keys that every line has.
const (
	keyTime    = "@timestamp"
	keyLevel   = "log.level"
	keyMessage = "message"
	keyVersion = "ecs.version"
)

// version is that of the schema.
const version = "8.17.0"

// A line is one that is being written.
type line struct {
	text  []byte
	attrs []slog.Attr // with their full keys, and resolved
}

var lines = sync.Pool{New: func() any { return &line{text: make([]byte, 0, 1<<10), attrs: make([]slog.Attr, 0, 16)} }}

// maxKept is how many bytes a line may have had to be used again.
const maxKept = 16 << 10

func (l *line) release() {
	if cap(l.text) > maxKept {
		return
	}
	clear(l.attrs) // so that the pool keeps nobody's values
	l.text, l.attrs = l.text[:0], l.attrs[:0]
	lines.Put(l)
}

// appendJSON writes the line for programs.
func (l *line) appendJSON(r slog.Record) {
	l.text = append(l.text, '{')
	if !r.Time.IsZero() {
		l.text = append(l.text, `"`+keyTime+`":"`...)
		l.text = appendTime(l.text, r.Time)
		l.text = append(l.text, `",`...)
	}
	l.text = append(l.text, `"`+keyLevel+`":"`...)
	l.text = append(l.text, levelName(r.Level)...)
	l.text = append(l.text, `","`+keyMessage+`":"`...)
	l.text = appendCut(l.text, r.Message, maxValue)
	l.text = append(l.text, `","`+keyVersion+`":"`+version+`"`...)
	for i, a := range l.attrs {
		if l.isRepeated(i) {
			continue
		}
		l.text = append(l.text, ',', '"')
		l.text = appendCut(l.text, a.Key, maxValue)
		l.text = append(l.text, '"', ':')
		l.appendValue(a)
	}
	l.text = append(l.text, '}', '\n')
}

// isRepeated reports whether a later attribute has the same key. Two values under one key are no
// error in JSON, but some readers refuse the whole line.
func (l *line) isRepeated(i int) bool {
	for _, later := range l.attrs[i+1:] {
		if later.Key == l.attrs[i].Key {
			return true
		}
	}
	return false
}

// appendValue writes a value as JSON.
func (l *line) appendValue(a slog.Attr) {
	switch v := a.Value; v.Kind() {
	case slog.KindInt64:
		l.text = strconv.AppendInt(l.text, v.Int64(), 10)
	case slog.KindUint64:
		l.text = strconv.AppendUint(l.text, v.Uint64(), 10)
	case slog.KindDuration: // as event.duration has it
		l.text = strconv.AppendInt(l.text, v.Duration().Nanoseconds(), 10)
	case slog.KindBool:
		l.text = strconv.AppendBool(l.text, v.Bool())
	case slog.KindFloat64:
		l.appendFloat(v.Float64())
	case slog.KindTime:
		l.text = append(l.text, '"')
		l.text = appendTime(l.text, v.Time())
		l.text = append(l.text, '"')
	case slog.KindString:
		l.appendQuoted(v.String(), limitOf(a.Key))
	default:
		if list, ok := v.Any().([]string); ok {
			l.appendList(list)
			return
		}
		l.appendQuoted(printed(v.Any()), limitOf(a.Key))
	}
}

func (l *line) appendQuoted(s string, limit int) {
	l.text = append(l.text, '"')
	l.text = appendCut(l.text, s, limit)
	l.text = append(l.text, '"')
}

// appendFloat writes a number; JSON has none for infinity and for what is no number.
func (l *line) appendFloat(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		l.appendQuoted(strconv.FormatFloat(f, 'g', -1, 64), maxValue)
		return
	}
	l.text = strconv.AppendFloat(l.text, f, 'g', -1, 64)
}

// maxList is how many elements of a list are written.
const maxList = 32

func (l *line) appendList(list []string) {
	l.text = append(l.text, '[')
	for i, element := range list {
		if i > 0 {
			l.text = append(l.text, ',')
		}
		if i == maxList {
			l.appendQuoted("… "+strconv.Itoa(len(list))+" in all", maxValue)
			break
		}
		l.appendQuoted(element, maxValue)
	}
	l.text = append(l.text, ']')
}

// printed returns what package fmt makes of a value. Unlike the value's own methods, it survives a
// panic in them.
func printed(value any) string { return fmt.Sprintf("%+v", value) }

// appendTime writes a time in UTC with milliseconds (RFC 3339). Package time is fast for the layout
// without them only.
func appendTime(text []byte, t time.Time) []byte {
	text = t.UTC().AppendFormat(text, time.RFC3339)
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(text[:len(text)-len("Z")], '.', digit(ms/100), digit(ms/10), digit(ms), 'Z')
}

func digit(n int) byte { return '0' + byte(n%10) }

func levelName(level slog.Level) string {
	switch level {
	case slog.LevelDebug:
		return "debug"
	case slog.LevelInfo:
		return "info"
	case slog.LevelWarn:
		return "warn"
	case slog.LevelError:
		return "error"
	default:
		return strings.ToLower(level.String())
	}
}
