package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
)

// Exported is a user in the form in which users leave and enter: one JSON object for each.
type Exported struct {
	ID        handstamp.ID `json:"id"`
	Email     string       `json:"email"`
	FirstName *string      `json:"first_name"`
	LastName  *string      `json:"last_name"`
	Role      string       `json:"role"`
	Disabled  bool         `json:"disabled"`
	CreatedAt time.Time    `json:"created_at"` // RFC 3339, UTC, to the microsecond
	UpdatedAt time.Time    `json:"updated_at"`

	// PasswordHash is there only when it was asked for, and the user has one.
	PasswordHash string `json:"password_hash,omitempty"`
}

// Export implements [Operator].
func (l *Local) Export(ctx context.Context, hashes bool) iter.Seq2[Exported, error] {
	return func(yield func(Exported, error) bool) {
		event := handstamp.NewEvent(ctx, handstamp.ActionExport)
		if hashes {
			event.Reason = "with password hashes"
		}
		if err := l.record(ctx, event); err != nil { // before anything leaves
			yield(Exported{}, err)
			return
		}
		for u, err := range l.People.All(ctx) {
			e := Exported{
				ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Role: u.Role, Disabled: u.Disabled,
				CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
			}
			if hashes {
				e.PasswordHash = u.PasswordHash
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// part is one line of the answer to callExport. The last one has neither a user nor an error, so
// that an answer that breaks off does not pass for a whole one.
type part struct {
	User  *Exported `json:",omitempty"`
	Error string    `json:",omitempty"`
}

func offerExport(mux *http.ServeMux, o Operator) {
	mux.HandleFunc("POST "+callExport, func(w http.ResponseWriter, r *http.Request) {
		var hashes bool
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCall)).Decode(&hashes); err != nil {
			http.Error(w, "malformed call: "+err.Error(), http.StatusBadRequest)
			return
		}
		out := json.NewEncoder(w)
		for user, err := range o.Export(AsOperator(r.Context()), hashes) {
			p := part{User: &user}
			if err != nil {
				p = part{Error: err.Error()}
			}
			if out.Encode(p) != nil || err != nil {
				return
			}
		}
		_ = out.Encode(part{}) // a client that is gone needs no answer
	})
}

// Export implements [Operator].
func (c *Client) Export(ctx context.Context, hashes bool) iter.Seq2[Exported, error] {
	return func(yield func(Exported, error) bool) {
		answer, err := c.post(ctx, callExport, hashes)
		if err != nil {
			yield(Exported{}, err)
			return
		}
		defer answer.Close()
		in := json.NewDecoder(answer)
		for {
			var p part
			switch err := in.Decode(&p); {
			case err != nil:
				yield(Exported{}, fmt.Errorf("%w: %w", ErrConnection, unfinished(err)))
				return
			case p.Error != "":
				yield(Exported{}, &remoteError{text: p.Error})
				return
			case p.User == nil || !yield(*p.User, nil):
				return
			}
		}
	}
}

// unfinished is err, where the end of an answer comes too soon.
func unfinished(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
