package redisstore

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// fields returns all of a record, as names and values by turns.
func fields(r session.Record) []string {
	all := []string{
		"place", placeOf(r.BeganAt, r.ID), "user", string(r.UserID[:]), "role", r.Role, "proved", micros(r.ProvedAt), "seen", micros(r.SeenAt),
		"until", microsUnlessZero(r.Until), "generation", text(r.Generation), "rotated", microsUnlessZero(r.RotatedAt),
		"device", r.Device, "address", r.Address, "revision", text(r.Revision),
	}
	if len(r.Data) > 0 {
		all = append(all, "data", string(r.Data))
	}
	return all
}

// placeOf returns a place as bytes that sort as places do: of the time in Unix microseconds, and of the ID.
func placeOf(began time.Time, id handstamp.ID) string { return timeKey(began) + string(id[:]) }

func timeKey(t time.Time) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro())^1<<63))
}

var errDamaged = errors.New("session in Redis is damaged")

// readSession reads what a script shows of a session.
func readSession(r *reply) (session.Session, error) {
	var s session.Session
	place, user := r.text(), r.text()
	s.Role = r.text()
	times := [3]string{r.text(), r.text(), r.text()}
	generation, rotated := r.text(), r.text()
	s.Device, s.Address = r.text(), r.text()
	if r.err != nil || len(place) != 8+len(s.ID) || len(user) != len(s.UserID) {
		return session.Session{}, errDamaged
	}
	s.ID, s.UserID = handstamp.ID([]byte(place[8:])), handstamp.ID([]byte(user))
	s.BeganAt = time.UnixMicro(int64(binary.BigEndian.Uint64([]byte(place)) ^ 1<<63)).UTC()
	var err error
	number := func(text string) int64 {
		n, parseErr := strconv.ParseInt(text, 10, 64)
		err = errors.Join(err, parseErr)
		return n
	}
	s.ProvedAt, s.SeenAt = timeOf(number(times[0])), timeOf(number(times[1]))
	s.Until, s.RotatedAt = timeUnlessZero(number(times[2])), timeUnlessZero(number(rotated))
	s.Generation = number(generation)
	if err != nil {
		return session.Session{}, errDamaged
	}
	return s, nil
}

func micros(t time.Time) string { return text(t.UnixMicro()) }

// microsUnlessZero has 0 for the zero time.
func microsUnlessZero(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return micros(t)
}

func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func timeUnlessZero(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return timeOf(micros)
}
