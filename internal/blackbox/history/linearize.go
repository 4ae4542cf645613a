package history

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

// Linearize returns the tokens whose uses and revokes no session could have answered so, whatever the order in
// which they took effect, and the data bags of which that is true. It is an error if there was not enough time to tell.
//
// A session is alive, then ending, then ended. While it is ending, each node accepts it or not, but no node
// accepts it after it has refused it. A revoke sets it ending at some time before its answer; the node
// that answers refuses it from then on; and all do so, at the latest, when the answer is there if revocation is strict, and a lease
// later if it is not.
func (h *History) Linearize(limit time.Duration) (wrong []Violation, err error) {
	deadline := time.Now().Add(limit)
	judge := func(what, name string, model porcupine.Model, operations []porcupine.Operation) {
		switch porcupine.CheckOperationsTimeout(model, operations, max(time.Until(deadline), time.Millisecond)) {
		case porcupine.Illegal:
			wrong = append(wrong, Violation{Rule: NotLinear, Token: name, Why: fmt.Sprintf("no order explains %d requests about the %s", len(operations), what)})
		case porcupine.Unknown:
			err = fmt.Errorf("not decided within %v: %d requests about the %s %s", limit, len(operations), what, name)
		}
	}
	for _, l := range h.lives() {
		judge("session", l.login.Token, sessionModel, h.operations(l))
	}
	for bag, writes := range h.bags() {
		judge("data bag", bag, bagModel, writes)
	}
	return wrong, err
}

// NotLinear is the rule that Linearize judges by.
const NotLinear = "no order explains it"

// The life of a session, as the model sees it.
type phase int

const (
	alive phase = iota
	ending
	ended
)

type sessionState struct {
	phase   phase
	refused uint64 // a bit for each node that has refused it
}

type act int

const (
	use   act = iota
	begin     // a revoke is under way
	own       // the node that will answer it knows
	all       // every node has to know
)

type sessionInput struct {
	act  act
	node int
}

var sessionModel = porcupine.Model{
	Init: func() any { return sessionState{} },
	Step: func(s, in, out any) (bool, any) {
		state, input := s.(sessionState), in.(sessionInput)
		bit := uint64(1) << input.node
		switch input.act {
		case begin:
			state.phase = max(state.phase, ending)
		case own:
			state.refused |= bit
			return state.phase >= ending, state
		case all:
			from := state.phase
			state.phase = ended
			return from >= ending, state
		case use:
			if out == Accepted {
				return state.phase < ended && state.refused&bit == 0, state
			}
			state.refused |= bit
			return state.phase >= ending, state
		}
		return true, state
	},
}

// operations is a life as porcupine reads it.
func (h *History) operations(l *life) []porcupine.Operation {
	var list []porcupine.Operation
	add := func(span Span, in sessionInput, out Outcome) {
		list = append(list, porcupine.Operation{Input: in, Output: out, Call: int64(span.Start), Return: int64(span.End)})
	}
	for _, u := range l.uses {
		if u.Outcome == Accepted || u.Outcome == Refused { // the others say nothing
			add(u.Span, sessionInput{use, u.Node}, u.Outcome)
		}
	}
	for _, r := range l.revokes {
		end := r.End
		if !h.Strict {
			end += h.Lease
		}
		add(r.Span, sessionInput{act: begin}, 0)
		add(r.Span, sessionInput{own, r.Node}, 0)
		add(Span{r.Start, end}, sessionInput{act: all}, 0)
	}
	for _, m := range l.maybe {
		add(Span{m.Start, forever}, sessionInput{act: begin}, 0)
	}
	return list
}
