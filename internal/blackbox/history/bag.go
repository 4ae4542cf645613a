package history

import (
	"slices"

	"github.com/anishathalye/porcupine"
)

// A Write is a request about the data bag of a session: to replace it if it has a revision, or to read it.
type Write struct {
	Span
	Bag      string
	If       int64  // the revision that it must have; 0 to read it
	Value    string // what was written, or read
	Revision int64  // the one that was read
	Result   Result
}

// A Result is what became of a Write.
type Result int

const (
	Unanswered Result = iota // it may have been done
	Done
	Conflict // 412: the revision is another one
)

// bags sorts what is known of data bags, leaving out what says nothing.
func (h *History) bags() map[string][]porcupine.Operation {
	sorted := make(map[string][]porcupine.Operation)
	for _, w := range h.Writes {
		if w.Result == Unanswered {
			if w.If == 0 {
				continue
			}
			w.End = forever
		}
		sorted[w.Bag] = append(sorted[w.Bag], porcupine.Operation{Input: w, Call: int64(w.Start), Return: int64(w.End)})
	}
	for _, list := range sorted {
		slices.SortFunc(list, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	}
	return sorted
}

// A bagState is a register with compare-and-swap. Its revision rises by one with each change, from one.
type bagState struct {
	revision int64
	value    string
}

var bagModel = porcupine.Model{
	Init: func() any { return bagState{revision: 1} },
	Step: func(s, in, _ any) (bool, any) {
		state, w := s.(bagState), in.(Write)
		matches := state.revision == w.If
		switch {
		case w.If == 0:
			return state == bagState{w.Revision, w.Value}, state
		case w.Result == Conflict:
			return !matches, state
		case matches:
			return true, bagState{w.If + 1, w.Value}
		}
		return w.Result == Unanswered, state
	},
}
