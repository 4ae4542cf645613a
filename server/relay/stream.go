package relay

import (
	"strconv"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// maxStreams is how many streams there are at once, in all and of one client.
const (
	maxStreams       = 1 << 10
	maxClientStreams = 1 << 6
)

// A Stream is somebody who is told of changes as they come. It is for one goroutine.
type Stream struct {
	relay  *Relay
	client handstamp.ID
	at     int64
	missed bool
}

// Follow opens a stream for a client, from behind a place as [Stream.Place] returned it; from now on, where that is empty. It is
// false where there are too many.
func (r *Relay) Follow(client handstamp.ID, place string) (*Stream, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open >= maxStreams || r.streams[client] >= maxClientStreams {
		return nil, false
	}
	r.open++
	r.streams[client]++
	s := &Stream{relay: r, client: client, at: r.head}
	if place == "" {
		return s, true
	}
	feed, digits, _ := strings.Cut(place, ".")
	at, err := strconv.ParseInt(digits, 10, 64)
	if s.missed = err != nil || feed != r.feed || at < 0 || at > r.head; !s.missed {
		s.at = at
	}
	return s, true
}

// Close ends the stream.
func (s *Stream) Close() {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.relay.open--
	if s.relay.streams[s.client]--; s.relay.streams[s.client] == 0 {
		delete(s.relay.streams, s.client)
	}
}

// Next returns the changes that have come, one that says that anything may have changed if some are not known any more, and
// what is closed when there are others.
func (s *Stream) Next() (changes []session.Change, more <-chan struct{}) {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	changes, gap := s.relay.since(s.at)
	if gap || s.missed {
		changes = []session.Change{{}}
	}
	s.at, s.missed = s.relay.head, false
	return changes, s.relay.moved
}

// Feed returns the name of the feed.
func (s *Stream) Feed() string { return s.relay.feed }

// Head returns the position of the last change that Next has returned.
func (s *Stream) Head() int64 { return s.at }

// Place returns where a reader stands to whom so many of the changes that Next has returned are still to be told, for whoever is
// cut off and comes again.
func (s *Stream) Place(untold int) string {
	return s.relay.feed + "." + strconv.FormatInt(s.at-int64(untold), 10)
}
