package remotestore

import (
	"bufio"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/handstamp/handstamp/internal/nodeapi"
)

// How long to wait before a stream that broke off is opened again: at first, and at most.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// maxLine is how many bytes a line of the stream may have.
const maxLine = 16 << 10

// follow reads the stream of changes until ctx is done, and wakes the node at each. Nothing rests on it: without it, the node asks four
// times per lease.
func (s *Store) follow(ctx context.Context) {
	defer close(s.done)
	pause := firstPause
	for ctx.Err() == nil {
		if s.read(ctx) {
			pause = firstPause
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)): // not all services of a server at once
		case <-ctx.Done():
		}
		pause = min(2*pause, lastPause)
	}
}

// read reads one stream until it ends, and reports whether anything was heard. Why it ends is told by the renewals, which
// fail for the same reason.
func (s *Store) read(ctx context.Context) (heard bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(nodeapi.MaxSilence, cancel)
	defer silence.Stop()
	request, err := s.newRequest(ctx, http.MethodGet, nodeapi.ChangesPath, nil)
	if err != nil {
		return false
	}
	request.Header.Set("Accept", "text/event-stream")
	answer, err := s.http.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return false
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, maxLine)
	s.wake() // for what came before
	for lines.Scan() {
		heard = true
		silence.Reset(nodeapi.MaxSilence)
		if lines.Text() == "event: "+nodeapi.EventChange {
			s.wake()
		}
	}
	return heard
}
