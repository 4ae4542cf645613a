package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
)

// TestLogHandler: programs get JSON, unless told otherwise.
func TestLogHandler(t *testing.T) {
	pipe, other, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = pipe.Close(), other.Close() }()
	for format, isJSON := range map[string]bool{"auto": true, "json": true, "text": false} {
		var buf bytes.Buffer
		slog.New(serveSettings{LogFormat: format}.logHandler(&buf, other, slog.LevelInfo)).Info("started")
		if json.Valid(buf.Bytes()) != isJSON || strings.Count(buf.String(), "\n") != 1 {
			t.Errorf("%s: %s", format, &buf)
		}
	}
}

// TestLogLevels: each that the setting may have is the one of that name.
func TestLogLevels(t *testing.T) {
	for _, name := range []string{"debug", "info", "warn", "error"} {
		l, err := loadFrom(t, "--data="+t.TempDir()+" --log-level="+name)
		if err != nil || !strings.EqualFold(l.Values.level().String(), name) {
			t.Errorf("%s: %v, %v", name, l.Values.level(), err)
		}
	}
}
