package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/server/relay"
)

const (
	// streamWrite is how long a reader may take nothing of what was written.
	streamWrite = 10 * time.Second

	// streamProof is how often a stream looks again whether its client is still one.
	streamProof = 5 * time.Second
)

// followChanges is the stream of changes, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
// A reader that was cut off says in Last-Event-ID where it stands.
func (a *API) followChanges(w http.ResponseWriter, r *http.Request) error {
	c, err := a.provenService(w, r, client.ScopeVerify)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // nginx would collect a page of it first
	if r.Method == http.MethodHead {
		return nil
	}
	stream, ok := a.Relay.Follow(c.ID, r.Header.Get("Last-Event-ID"))
	if !ok {
		return tooManyStreams
	}
	defer stream.Close()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // nothing more is sent to us; not there in tests without a connection

	beats := time.NewTicker(min(a.Relay.Lease()/4, nodeapi.MaxSilence/3))
	defer beats.Stop()
	proven := time.Now()
	text := appendHeartbeat(nil, stream)
	for {
		changes, more := stream.Next()
		text = appendChanges(text, stream, nodeapi.ChangesOf(changes))
		_ = control.SetWriteDeadline(time.Now().Add(streamWrite))
		if _, err := w.Write(text); err != nil {
			return nil // the reader is gone
		}
		if err := control.Flush(); err != nil {
			return nil
		}
		text = text[:0]
		select {
		case <-more:
		case <-a.Relay.Drained():
			return nil
		case <-r.Context().Done():
			return nil
		case now := <-beats.C:
			if now.Sub(proven) >= streamProof {
				if _, err := a.provenService(w, r, client.ScopeVerify); err != nil {
					return nil // who comes again hears why
				}
				proven = now
			}
			text = appendHeartbeat(text, stream)
		}
	}
}

func appendChanges(text []byte, s *relay.Stream, changes []nodeapi.Change) []byte {
	for i, change := range changes {
		text = appendEvent(text, nodeapi.EventChange, s.Place(len(changes)-1-i), change)
	}
	return text
}

func appendHeartbeat(text []byte, s *relay.Stream) []byte {
	return appendEvent(text, nodeapi.EventHeartbeat, s.Place(0), nodeapi.Heartbeat{Feed: s.Feed(), Head: s.Head()})
}

func appendEvent(text []byte, name, id string, data any) []byte {
	b := bytes.NewBuffer(text)
	fmt.Fprintf(b, "event: %s\nid: %s\ndata: ", name, id)
	_ = json.NewEncoder(b).Encode(data) // of which nothing can fail; it ends the line
	b.WriteByte('\n')
	return b.Bytes()
}
