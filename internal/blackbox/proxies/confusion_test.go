package proxies_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
)

// each sends requests on connections of their own, many at a time.
func (s *scene) each(t *testing.T, requests []string) {
	t.Helper()
	var todo sync.WaitGroup
	work := make(chan string)
	for range 6 {
		todo.Go(func() {
			for raw := range work {
				if err := s.shout(raw); err != nil {
					t.Errorf("%q: %v", raw, err)
				}
			}
		})
	}
	for _, raw := range requests {
		work <- raw
	}
	close(work)
	todo.Wait()
}

// shout sends bytes and waits for what comes, whatever it is: at least one answer, or the end.
func (s *scene) shout(raw string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.close()
	if _, err := io.WriteString(c.conn, raw); err != nil {
		return nil // it has hung up already
	}
	_, err = c.in.ReadByte()
	var timeout net.Error
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("no answer and no end")
	}
	return nil
}

// pathConfusion sends every spelling as a stranger and as an administrator, whom nothing but the spelling
// stops, and every framing as a stranger and as a user, who is not all that its headers say.
// Whether one of them was a bypass, the whole of what has reached the app says: see [scene.checkWire].
func pathConfusion(t *testing.T, s *scene) {
	var requests []string
	for _, target := range spellings {
		for _, who := range []person{{}, s.admin} {
			requests = append(requests, get(s.number(), target, who, "Connection: close"))
		}
	}
	for _, f := range framings() {
		for _, who := range []person{{}, s.user} {
			requests = append(requests, strings.ReplaceAll(f.raw, "COOKIE", cookies(s.number(), who)))
		}
	}
	t.Logf("%d requests", len(requests))
	s.each(t, requests)
}

// checkWire judges all that has reached the app in this scene, as net/http has read it and as kinder
// readers would have.
func (s *scene) checkWire(t *testing.T) {
	t.Helper()
	count := 0
	for _, requests := range s.app.all() {
		for _, r := range requests {
			count++
			if err := s.judge(r); err != nil {
				t.Error(err)
			}
		}
	}
	read := s.app.everyReading()
	for _, r := range read {
		if err := s.judge(r); err != nil {
			t.Errorf("read kindly: %v", err)
		}
	}
	if count == 0 || len(read) < 2*count {
		t.Errorf("%d requests of the app and %d kind readings are too few", count, len(read))
	}
	t.Logf("%d requests have reached the app", count)
}
