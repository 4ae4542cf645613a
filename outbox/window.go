package outbox

import (
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

// windowSize is how many messages are held in memory for a destination: as far as others get ahead of one that fails.
const windowSize = 4096

// A pending is a message that was read and is not yet behind the position.
type pending struct {
	Message
	entry       audit.Entry
	attempts    int
	firstFailed time.Time
	due         time.Time // not to be tried before
	done        bool      // delivered, or a dead letter
}

// A window is what a destination works on: the messages from its position to where it has read the log.
type window struct {
	position int64 // everything up to here is done
	read     int64 // everything up to here is in open, or done
	open     []*pending
}

// heads returns the messages that may be tried: of each user the first one that is not done.
func (w *window) heads() []*pending {
	var heads []*pending
	seen := make(map[handstamp.ID]bool)
	for _, p := range w.open {
		// Events without a user are in order among themselves.
		if !p.done && !seen[p.Event.UserID] {
			seen[p.Event.UserID] = true
			heads = append(heads, p)
		}
	}
	return heads
}

// settle moves the position past what is done.
func (w *window) settle() {
	n := 0
	for n < len(w.open) && w.open[n].done {
		n++
	}
	w.open = w.open[n:]
	w.position = w.read
	if len(w.open) > 0 {
		w.position = w.open[0].Number - 1
	}
}
