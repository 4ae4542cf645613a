package session

import "sync"

// A Broadcast is the [Feed] of a store whose every change is made in this process. The zero
// Broadcast is ready; stores embed it.
type Broadcast struct {
	mu       sync.Mutex
	watchers map[*func(Change)]struct{}
}

// Watch implements [Feed].
func (b *Broadcast) Watch(apply func(Change)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers == nil {
		b.watchers = make(map[*func(Change)]struct{})
	}
	b.watchers[&apply] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, &apply)
	}
}

// Publish tells the watchers what has changed and returns when all of them have taken it in. The
// store calls it after a write is durable and before it tells the writer, in the order of writes.
func (b *Broadcast) Publish(changes ...Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for apply := range b.watchers {
		for _, c := range changes {
			(*apply)(c)
		}
	}
}
