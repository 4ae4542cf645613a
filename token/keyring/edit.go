package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/handstamp/handstamp"
)

// publishTime is how long a key is published before it signs, where there is no hurry: longer than
// those who verify remember what is published (see cacheControl).
const publishTime = 10 * time.Minute

// A purpose is whose tokens keys are for. Each has keys in all three roles, of its own.
type purpose int

const (
	forOurs purpose = iota
	forPlone
)

func (k Key) purpose() purpose {
	if k.Algorithm.isPublic() {
		return forOurs
	}
	return forPlone
}

// An edit is a change of the keys under way. It decides and makes nothing: keys take so long to make
// that nobody may hold the store meanwhile, so they are made before.
type edit struct {
	ctx    context.Context
	now    time.Time
	config Config

	// decides says that the Config's algorithm counts, and not the one that signs already: where a
	// Keyring opens, and where somebody rotates. Two processes with different settings would change it
	// to and fro otherwise.
	decides bool

	keys   []Stored
	spares []Stored
	events []handstamp.Event
}

// A shortage means that an edit needs one more spare key.
type shortage struct{ of Algorithm }

func (s *shortage) Error() string { return "no spare key for " + string(s.of) }

// note writes down what is done.
func (e *edit) note(action handstamp.Action, format string, args ...any) {
	event := handstamp.NewEvent(e.ctx, action)
	event.Reason = fmt.Sprintf(format, args...)
	e.events = append(e.events, event)
}

// find returns the key in a role that only one has at a time, or nil. It points into e.keys.
func (e *edit) find(p purpose, role Role) *Stored {
	for i := range e.keys {
		if k := &e.keys[i]; k.purpose() == p && k.Role() == role {
			return k
		}
	}
	return nil
}

// algorithm returns what new keys for a purpose are to be.
func (e *edit) algorithm(p purpose) Algorithm {
	if p == forPlone {
		return HS256
	}
	if signing := e.find(p, Signing); signing != nil && !e.decides {
		return signing.Algorithm
	}
	return e.config.Algorithm
}

// isWanted reports whether there is any need of keys for a purpose.
func (e *edit) isWanted(p purpose) bool {
	return p == forOurs || e.config.Plone ||
		slices.ContainsFunc(e.keys, func(s Stored) bool { return s.purpose() == p })
}

// each calls do for the purposes of which there is any need.
func (e *edit) each(do func(purpose) error) error {
	var errs []error
	for _, p := range []purpose{forOurs, forPlone} {
		if e.isWanted(p) {
			errs = append(errs, do(p))
		}
	}
	return errors.Join(errs...)
}

// add takes a spare key as the next one.
func (e *edit) add(p purpose) error {
	a := e.algorithm(p)
	at := slices.IndexFunc(e.spares, func(s Stored) bool { return s.Algorithm == a })
	if at < 0 {
		return &shortage{of: a}
	}
	e.keys = append(e.keys, e.spares[at])
	e.spares = slices.Delete(e.spares, at, at+1)
	e.note(handstamp.ActionKeyCreate, "%s %s", a, e.keys[len(e.keys)-1].ID)
	return nil
}

// remove takes the keys away that which selects.
func (e *edit) remove(which func(Key) bool) {
	e.keys = slices.DeleteFunc(e.keys, func(s Stored) bool {
		if which(s.Key) {
			e.note(handstamp.ActionKeyRetire, "%s %s, which was %s, is refused from now on", s.Algorithm, s.ID, s.Role())
			return true
		}
		return false
	})
}

// complete makes keys in the roles in which there is none.
func (e *edit) complete(p purpose) error {
	if e.find(p, Next) == nil {
		if err := e.add(p); err != nil {
			return err
		}
	}
	if e.find(p, Signing) != nil {
		return nil
	}
	e.find(p, Next).SignsFrom = e.now
	return e.add(p)
}

// rotate lets the next key sign, and retires the one before.
func (e *edit) rotate(p purpose, overlap time.Duration) error {
	old, next := e.find(p, Signing), e.find(p, Next)
	old.AcceptedUntil, next.SignsFrom = e.now.Add(overlap), e.now
	e.note(handstamp.ActionKeyRotate, "%s %s signs, and no longer %s, which is accepted until %s",
		next.Algorithm, next.ID, old.ID, old.AcceptedUntil.Format(time.RFC3339))
	return e.add(p)
}

// replace puts new keys in the place of all.
func (e *edit) replace(p purpose) error {
	e.remove(func(k Key) bool { return k.purpose() == p })
	return e.complete(p)
}

// tend does what is due by itself: it removes what is over, makes what is missing, and rotates by
// schedule, and where the next key is of another algorithm.
func (e *edit) tend(p purpose) error {
	e.remove(func(k Key) bool { return k.purpose() == p && k.isOver(e.now) })
	if err := e.complete(p); err != nil {
		return err
	}
	signing, next := e.find(p, Signing), e.find(p, Next)
	isOld := e.config.Every > 0 && !signing.Imported && !e.now.Before(signing.SignsFrom.Add(e.config.Every))
	isOther := next.Algorithm != signing.Algorithm
	if (isOld || isOther) && !e.now.Before(next.CreatedAt.Add(publishTime)) {
		return e.rotate(p, e.config.Overlap)
	}
	return nil
}

// begin is tend for a Keyring that opens. It lets no key come next that is not what its Config says.
func (e *edit) begin(p purpose) error {
	e.decides = true
	e.remove(func(k Key) bool {
		return k.purpose() == p && k.Role() == Next && k.Algorithm != e.algorithm(p)
	})
	return e.tend(p)
}
