package memory

import (
	"time"

	"github.com/handstamp/handstamp/session"
)

// minutes finds sessions by a time, to the minute: an entry costs a few nanoseconds, where a heap
// costs hundreds and a scan of all sessions would hold up every login.
type minutes map[int64]map[session.Hash]struct{}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func (m minutes) add(t time.Time, hash session.Hash) {
	minute := minuteOf(t)
	if m[minute] == nil {
		m[minute] = make(map[session.Hash]struct{})
	}
	m[minute][hash] = struct{}{}
}

func (m minutes) remove(t time.Time, hash session.Hash) {
	minute := minuteOf(t)
	delete(m[minute], hash)
	if len(m[minute]) == 0 {
		delete(m, minute)
	}
}

// before returns up to limit of the records whose time is before t.
func (m minutes) before(t time.Time, limit int, records map[session.Hash]*session.Record,
	timeOf func(*session.Record) time.Time,
) []*session.Record {
	var found []*session.Record
	if t.IsZero() {
		return nil
	}
	last := minuteOf(t)
	for minute, hashes := range m {
		if minute > last {
			continue
		}
		for hash := range hashes {
			if len(found) >= limit {
				return found
			}
			if r := records[hash]; timeOf(r).Before(t) {
				found = append(found, r)
			}
		}
	}
	return found
}

func beganAt(r *session.Record) time.Time { return r.BeganAt }
func seenAt(r *session.Record) time.Time  { return r.SeenAt }
