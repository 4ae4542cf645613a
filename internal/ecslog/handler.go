package ecslog

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
)

// Format is how lines are written.
type Format int

const (
	JSON Format = iota // for programs
	Text               // for people
)

// New returns a handler that writes records of the given level and above to w, each with one call of
// Write. It is safe for concurrent use.
func New(w io.Writer, format Format, level slog.Leveler) slog.Handler {
	return &handler{out: &output{w: w}, format: format, level: level}
}

type handler struct {
	out    *output
	format Format
	level  slog.Leveler
	prefix string      // of the groups that are open: their names, each with a dot
	attrs  []slog.Attr // with their full keys
}

// An output is shared by all handlers that came from one.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

// Enabled implements [slog.Handler].
func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level.Level() }

// WithGroup implements [slog.Handler].
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.prefix += name + "."
	return &c
}

// WithAttrs implements [slog.Handler].
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.attrs = slices.Clip(c.attrs)
	for _, a := range attrs {
		c.attrs = flatten(c.attrs, h.prefix, a)
	}
	return &c
}

// Handle implements [slog.Handler].
func (h *handler) Handle(_ context.Context, r slog.Record) error {
	l := lines.Get().(*line)
	defer l.release()
	l.attrs = append(l.attrs, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		l.attrs = flatten(l.attrs, h.prefix, a)
		return true
	})
	if h.format == Text {
		l.appendText(r)
	} else {
		l.appendJSON(r)
	}
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	_, err := h.out.w.Write(l.text)
	return err
}

// flatten appends an attribute, or those of a group, with their full keys.
func flatten(attrs []slog.Attr, prefix string, a slog.Attr) []slog.Attr {
	value := a.Value.Resolve()
	if a.Key == "" && value.Equal(slog.Value{}) {
		return attrs
	}
	if value.Kind() != slog.KindGroup {
		return append(attrs, slog.Attr{Key: fullKey(prefix, a.Key), Value: value})
	}
	if a.Key != "" { // without a name, the group's attributes stand where it stands
		prefix += a.Key + "."
	}
	for _, inner := range value.Group() {
		attrs = flatten(attrs, prefix, inner)
	}
	return attrs
}

// fullKey returns the key of an attribute. An error has its own in the schema, and what the handler
// writes itself nobody else may write.
func fullKey(prefix, key string) string {
	if prefix != "" {
		return prefix + key
	}
	switch key {
	case "error":
		return "error.message"
	case keyTime, keyLevel, keyMessage, keyVersion:
		return "labels." + key
	}
	return key
}
