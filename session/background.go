package session

import "sync"

// background runs what no request waits for. There is no goroutine while there is nothing to do.
type background struct {
	mu      sync.Mutex
	running int
	closed  bool
	ending  chan struct{} // closed when nobody may wait any more; made by the first who asks
	idle    sync.WaitGroup
}

// maxBackground is how much runs at once. As many touches wait for the store together, which
// commits them together.
const maxBackground = 64

// run starts task, or reports false where too much is running already.
func (b *background) run(task func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.running == maxBackground {
		return false
	}
	b.running++
	b.idle.Go(func() {
		task()
		b.mu.Lock()
		b.running--
		b.mu.Unlock()
	})
	return true
}

// closing returns what is closed when tasks must not wait any more.
func (b *background) closing() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ending == nil {
		b.ending = make(chan struct{})
		if b.closed {
			close(b.ending)
		}
	}
	return b.ending
}

func (b *background) close() {
	b.mu.Lock()
	if !b.closed && b.ending != nil {
		close(b.ending)
	}
	b.closed = true
	b.mu.Unlock()
	b.idle.Wait()
}
