package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogQueueKeepsEveryLineInOrder(t *testing.T) {
	var out bytes.Buffer
	q := newLogQueue(&out)
	var want strings.Builder
	for i := range 5000 {
		line := fmt.Sprintf("line %d\n", i)
		want.WriteString(line)
		fmt.Fprint(q, line)
	}
	q.close()
	if out.String() != want.String() {
		t.Errorf("%d bytes came out of %d", out.Len(), want.Len())
	}
}

// stalled is a reader of the log who has stopped reading, until told to go on.
type stalled struct {
	goOn chan struct{}
	once sync.Once
	bytes.Buffer
}

func (s *stalled) Write(p []byte) (int, error) {
	s.once.Do(func() { <-s.goOn })
	return s.Buffer.Write(p)
}

func TestLogQueueDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stalled{goOn: make(chan struct{})}
		q := newLogQueue(out)
		line := strings.Repeat("x", 1023) + "\n"
		start := time.Now()
		fmt.Fprint(q, line)
		synctest.Wait() // for the first one to be stuck
		for range 2 * maxLogQueue / len(line) {
			fmt.Fprint(q, line)
		}
		q.close() // gives up waiting
		if took := time.Since(start); took != logPatience {
			t.Errorf("took %v, want %v: all of it at the end", took, logPatience)
		}
		close(out.goOn)
		synctest.Wait()
		got := out.String()
		if kept := strings.Count(got, line); kept != maxLogQueue/len(line)+1 {
			t.Errorf("%d lines were kept", kept)
		}
		if !strings.HasSuffix(got, " 1024 lines of the log were dropped, as nobody read them\n") {
			t.Errorf("it does not say how many were dropped: %q", got[len(got)-100:])
		}
	})
}
