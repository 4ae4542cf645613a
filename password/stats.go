package password

// Stats are what a [Hasher] is doing, and has done since it was made.
type Stats struct {
	Waiting int    // hashes in the queue
	Running int    // hashes that an [Engine] was given and has not given back
	Done    uint64 // calls that an Engine has answered, whatever it found
	Refused uint64 // calls that failed with [ErrBusy]
}

// Stats returns the figures of this moment. It waits for nothing.
func (h *Hasher) Stats() Stats {
	h.once.Do(h.settle)
	return Stats{
		Waiting: len(h.gate.places),
		Running: int(h.running.Load()),
		Done:    h.done.Load(),
		Refused: h.refused.Load(),
	}
}
