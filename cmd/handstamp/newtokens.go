package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/importer"
)

// A tokenFile is where the new tokens of imported sessions are written, which nobody else knows. It has all
// of them before anything is imported: a disk that is full then costs nobody a session.
type tokenFile struct {
	*os.File
	tokens []importer.NewToken
}

// newTokenFile makes a file that only its owner can read. There must be none of that name.
func newTokenFile(name string, tokens []importer.NewToken) (*tokenFile, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, usagef("%s is there already, and may have tokens that nobody else knows; name a new file", name)
	}
	if err != nil {
		return nil, fmt.Errorf("write new tokens: %w", err)
	}
	f := &tokenFile{file, tokens}
	if err := f.write(tokens); err != nil {
		return nil, errors.Join(fmt.Errorf("write new tokens: %w", err), f.discard())
	}
	return f, nil
}

func (f *tokenFile) write(tokens []importer.NewToken) error {
	out := bufio.NewWriter(f)
	encoder := json.NewEncoder(out)
	for _, token := range tokens {
		line := struct {
			Old string `json:"old"`
			New string `json:"new"`
		}{token.Old, string(token.New)}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

// keep leaves the tokens of these sessions in the file: there are no others.
func (f *tokenFile) keep(sessions []handstamp.ID) error {
	taken := make(map[handstamp.ID]bool, len(sessions))
	for _, id := range sessions {
		taken[id] = true
	}
	var kept []importer.NewToken
	for _, token := range f.tokens {
		if taken[token.SessionID] {
			kept = append(kept, token)
		}
	}
	if len(kept) == len(f.tokens) {
		return f.Close()
	}
	// What is written is never longer than what is there, which has the same lines and others.
	_, err := f.Seek(0, io.SeekStart)
	if err == nil {
		err = f.write(kept)
	}
	if err == nil {
		var end int64
		if end, err = f.Seek(0, io.SeekCurrent); err == nil {
			err = f.Truncate(end)
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("the sessions were imported, and %s has tokens of others, too: %w", f.Name(), err)
	}
	return nil
}

// discard removes the file: nothing was imported.
func (f *tokenFile) discard() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
