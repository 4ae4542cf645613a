package ecslog

import (
	"log/slog"
	"strings"
)

// appendText writes the line for people: time, level, message, and the attributes as key=value.
func (l *line) appendText(r slog.Record) {
	if !r.Time.IsZero() {
		l.text = r.Time.Local().AppendFormat(l.text, "15:04:05.000 ")
	}
	level := r.Level.String()
	l.text = append(l.text, level...)
	for range max(1, len("ERROR ")-len(level)) {
		l.text = append(l.text, ' ')
	}
	if strings.ContainsAny(r.Message, `="`) { // or it could pass for attributes
		l.appendQuoted(r.Message, maxValue)
	} else {
		l.text = appendCut(l.text, r.Message, maxValue)
	}
	for i, a := range l.attrs {
		if l.isRepeated(i) {
			continue
		}
		l.text = append(l.text, ' ')
		l.text = appendCut(l.text, a.Key, maxValue)
		l.text = append(l.text, '=')
		l.appendTextValue(a)
	}
	l.text = append(l.text, '\n')
}

// appendTextValue writes a value, in quotes where one could not see its end.
func (l *line) appendTextValue(a slog.Attr) {
	switch a.Value.Kind() {
	case slog.KindString:
		l.appendIfNeeded(a.Value.String(), a.Key)
	case slog.KindDuration:
		l.text = append(l.text, a.Value.Duration().String()...)
	case slog.KindAny:
		if _, ok := a.Value.Any().([]string); ok {
			l.appendValue(a)
			return
		}
		l.appendIfNeeded(printed(a.Value.Any()), a.Key)
	default:
		l.appendValue(a)
	}
}

func (l *line) appendIfNeeded(s, key string) {
	if s == "" || len(s) > maxValue || strings.ContainsAny(s, ` ="`) {
		l.appendQuoted(s, limitOf(key))
		return
	}
	l.text = appendEscaped(l.text, s)
}
