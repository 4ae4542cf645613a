package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"github.com/handstamp/handstamp/internal/ecslog"
)

// logHandler returns what writes the log to lines, which somebody looks at where shown leads.
func (s serveSettings) logHandler(lines, shown io.Writer, level slog.Leveler) slog.Handler {
	format := ecslog.JSON
	if s.LogFormat == "text" || s.LogFormat == "auto" && isTerminal(shown) {
		format = ecslog.Text
	}
	return ecslog.New(lines, format, level)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// level returns the level of the setting log-level.
func (s serveSettings) level() slog.Level {
	switch s.LogLevel {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}
