package memory

import (
	"iter"
	"time"

	"github.com/handstamp/handstamp/session"
)

// minutes finds things by a time, to the minute: an entry costs a few nanoseconds, where a heap
// costs hundreds and a scan of everything would hold up every login.
type minutes[K comparable] map[int64]map[K]struct{}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func (m minutes[K]) add(t time.Time, key K) {
	minute := minuteOf(t)
	if m[minute] == nil {
		m[minute] = make(map[K]struct{})
	}
	m[minute][key] = struct{}{}
}

func (m minutes[K]) remove(t time.Time, key K) {
	minute := minuteOf(t)
	delete(m[minute], key)
	if len(m[minute]) == 0 {
		delete(m, minute)
	}
}

// until yields the keys whose minute is not after that of t. Those of the last minute may be later
// than t.
func (m minutes[K]) until(t time.Time) iter.Seq[K] {
	last := minuteOf(t)
	return func(yield func(K) bool) {
		for minute, keys := range m {
			if minute > last {
				continue
			}
			for key := range keys {
				if !yield(key) {
					return
				}
			}
		}
	}
}

// before returns up to limit of the records whose time, by which they are found in m, is before t.
func before(t time.Time, limit int, m minutes[session.Hash], records map[session.Hash]*session.Record,
	timeOf func(*session.Record) time.Time,
) []*session.Record {
	var found []*session.Record
	if t.IsZero() {
		return nil
	}
	for hash := range m.until(t) {
		if len(found) >= limit {
			break
		}
		if r := records[hash]; timeOf(r).Before(t) {
			found = append(found, r)
		}
	}
	return found
}

// beganForGood is the time at which r began, if that matters to its end, else one that never comes.
func beganForGood(r *session.Record) time.Time {
	if r.Until.IsZero() {
		return r.BeganAt
	}
	return endOfTime
}

var endOfTime = time.Unix(1<<40, 0)
