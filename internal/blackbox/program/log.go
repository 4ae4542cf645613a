package program

import (
	"bytes"
	"sync"
)

// A Log collects the standard error of a program, and tells when there is more of it. It is safe for
// concurrent use; the nil Log is empty.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed, and replaced, when there is more
}

// NewLog returns an empty Log.
func NewLog() *Log { return &Log{more: make(chan struct{})} }

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.more)
	l.more = make(chan struct{})
	return l.text.Write(p)
}

// Lines returns the whole lines so far, and what is closed when there is more.
func (l *Log) Lines() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.Bytes()
	return string(text[:bytes.LastIndexByte(text, '\n')+1]), l.more
}

// String returns all of it.
func (l *Log) String() string {
	if l == nil {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
