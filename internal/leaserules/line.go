package leaserules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Kinds of lines.
const (
	Node    = "node"
	Renewal = "renewal"
	Lookup  = "lookup"
	Revoke  = "revoke"
	Request = "request"
)

// Decisions about a session.
const (
	Accepted = "accepted"
	Refused  = "refused"
	Blind    = "blind"
)

// Where a decision came from.
const (
	FromCache = "cache"
	FromStore = "store"
)

// What a revoke waited for.
const (
	Bounded = "bounded"
	Strict  = "strict"
)

// A Line is one line of a log. The documentation of the package says which fields each kind has.
type Line struct {
	Kind string `json:"kind"`
	Node string `json:"node,omitempty"`

	Lease  int64 `json:"lease,omitempty"`
	Margin int64 `json:"margin,omitempty"`

	Noted       int64  `json:"noted,omitempty"`
	Applied     int64  `json:"applied,omitempty"`
	End         int64  `json:"end,omitempty"`
	Incarnation string `json:"incarnation,omitempty"`
	After       int64  `json:"after,omitempty"`
	Head        int64  `json:"head,omitempty"`
	Changes     int64  `json:"changes,omitempty"`
	Cleared     bool   `json:"cleared,omitempty"`

	Session  string `json:"session,omitempty"`
	At       int64  `json:"at,omitempty"`
	From     string `json:"from,omitempty"`
	Decision string `json:"decision,omitempty"`
	Start    int64  `json:"start,omitempty"`
	Answered int64  `json:"answered,omitempty"`
	Mode     string `json:"mode,omitempty"`

	number int // of the line, from 1
}

// read calls each with the lines of log. A log that cannot be read as one is an error, never a shorter log.
func read(log io.Reader, each func(Line) error) error {
	decoder := json.NewDecoder(log)
	decoder.DisallowUnknownFields()
	for number := 1; ; number++ {
		line := Line{number: number}
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = line.valid()
		}
		if err == nil {
			err = each(line)
		}
		if err != nil {
			return fmt.Errorf("line %d of the log: %w", number, err)
		}
	}
}

// valid reports what makes no sense of a line by itself.
func (l Line) valid() error {
	if l.Node == "" {
		return errors.New("it names no node")
	}
	switch l.Kind {
	case Node:
		if l.Margin < 0 || l.Lease <= l.Margin {
			return fmt.Errorf("a lease of %d with a margin of %d", l.Lease, l.Margin)
		}
		return nil
	case Renewal:
		if l.Incarnation == "" {
			return errors.New("a renewal without an incarnation")
		}
		return nil
	case Lookup:
		return errors.Join(l.named(), oneOf("from", l.From, FromCache, FromStore), oneOf("decision", l.Decision, Accepted, Refused, Blind))
	case Revoke:
		return errors.Join(l.named(), l.ordered(), oneOf("mode", l.Mode, Bounded, Strict))
	case Request:
		return errors.Join(l.named(), l.ordered(), oneOf("decision", l.Decision, Accepted, Refused, Blind))
	}
	return fmt.Errorf("there is no kind %q", l.Kind)
}

func (l Line) named() error {
	if l.Session == "" {
		return errors.New("it names no session")
	}
	return nil
}

func (l Line) ordered() error {
	if l.Answered < l.Start {
		return fmt.Errorf("it was answered at %d, and started at %d", l.Answered, l.Start)
	}
	return nil
}

func oneOf(field, value string, values ...string) error {
	for _, v := range values {
		if value == v {
			return nil
		}
	}
	return fmt.Errorf("its %s is %q", field, value)
}

// Append appends the line to log, with its end.
func (l Line) Append(log []byte) []byte {
	buffer := bytes.NewBuffer(log)
	if err := json.NewEncoder(buffer).Encode(l); err != nil {
		panic(err) // text and numbers can be encoded
	}
	return buffer.Bytes()
}
