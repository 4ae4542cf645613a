package gate

import (
	"net/http"
	"sync"
	"time"
)

// clientIdle is for how long a client may send nothing of a body, or take nothing of an answer.
const clientIdle = time.Minute

// extendAfter is how old a deadline is before it is moved.
const extendAfter = time.Second

// deadlines take the place of those that the server has set for requests of a few kilobytes. A body or an answer may take
// as long as it likes while something moves. After close nothing is changed any more: the next
// request on the connection has its own.
type deadlines struct {
	control *http.ResponseController

	mu          sync.Mutex // bodies are read, answers written and both given up by several goroutines
	over        bool
	read, write time.Time // when they were set
}

// extendRead gives the client another while to send something.
func (d *deadlines) extendRead() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); !d.over && now.Sub(d.read) > extendAfter {
		d.read = now
		_ = d.control.SetReadDeadline(now.Add(clientIdle)) // not there in tests without a connection
	}
}

// abortRead ends what waits for the client: who sends a body to the app waits for it, whatever becomes of the request.
func (d *deadlines) abortRead() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.read = time.Now().Add(clientIdle) // and is not moved meanwhile
		_ = d.control.SetReadDeadline(time.Unix(1, 0))
	}
}

// extendWrite gives the client another while to take something.
func (d *deadlines) extendWrite() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); !d.over && now.Sub(d.write) > extendAfter {
		d.write = now
		_ = d.control.SetWriteDeadline(now.Add(clientIdle))
	}
}

// close leaves time for what is still to be written.
func (d *deadlines) close() {
	d.extendWrite()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
}
