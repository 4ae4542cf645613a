package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// replayFile has the answer that a replaying server gives.
const replayFile = "answer.http"

// newReplay returns a bare handler that sends what another server has sent, and does nothing else.
func newReplay(folder string) (http.Handler, error) {
	file, err := os.Open(filepath.Join(folder, replayFile))
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer file.Close()
	answer, err := http.ReadResponse(bufio.NewReader(file), nil)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	type field struct {
		name   string
		values []string
	}
	var fields []field
	for name, values := range answer.Header {
		if name != "Date" { // which net/http writes
			fields = append(fields, field{name, values})
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		for _, f := range fields {
			header[f.name] = f.values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(body) // a client that is gone needs no answer
	}), nil
}
