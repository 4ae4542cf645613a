package history_test

import (
	"slices"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

const lease = 2 * time.Second

// at is a request that takes ten milliseconds.
func at(start time.Duration) history.Span {
	return history.Span{Start: start, End: start + 10*time.Millisecond}
}

const second = time.Second

// one returns a history of a session that begins at node 0 at the time 0.
func one(strict bool) *history.History {
	h := history.New(lease, strict)
	h.Login(history.Login{Span: at(0), Token: "a", User: "u", Node: 0})
	return h
}

func use(node int, when time.Duration, says history.Outcome) func(*history.History) {
	return func(h *history.History) {
		h.Use(history.Use{Span: at(when), Token: "a", Node: node, Outcome: says})
	}
}

func logout(node int, when time.Duration, done bool) func(*history.History) {
	return func(h *history.History) {
		h.Revoke(history.Revoke{Span: at(when), Token: "a", Node: node, Done: done})
	}
}

func endAll(when time.Duration, except string) func(*history.History) {
	return func(h *history.History) {
		h.Revoke(history.Revoke{Span: at(when), User: "u", Except: except, Done: true})
	}
}

func cut(node int, from, to time.Duration) func(*history.History) {
	return func(h *history.History) { h.Cut(history.Cut{Span: history.Span{Start: from, End: to}, Node: node}) }
}

// A story is what clients have seen, and which rules that breaks.
type story struct {
	name   string
	strict bool
	events []func(*history.History)
	broken []string // rules of Check
	// linear says that porcupine finds an order. It does not know of cuts, nor of what other nodes have to do after a refusal.
	linear bool
}

type events = []func(*history.History)

const (
	ok      = history.Accepted
	no      = history.Refused
	unknown = history.Lost
	blind   = history.Blind
)

var stories = []story{
	{"nobody ends it", false, events{use(0, 1*second, ok), use(1, 50*second, ok), use(2, 99*second, blind)}, nil, true},
	{"ended, and refused everywhere", false, events{
		logout(0, 1*second, true), use(0, 2*second, no), use(1, 5*second, no), use(2, 9*second, no),
	}, nil, true},
	{"another node needs a lease", false, events{logout(0, 1*second, true), use(1, 2900*time.Millisecond, ok), use(1, 3*second, no)}, nil, true},
	{"another node needs more than a lease", false, events{logout(0, 1*second, true), use(1, 3100*time.Millisecond, ok)}, []string{history.Stale}, false},
	{"the node itself needs time", false, events{logout(0, 1*second, true), use(0, 1020*time.Millisecond, ok)}, []string{history.Stale}, false},
	{"a request that was sent before the answer", false, events{
		logout(0, 1*second, true), use(0, 1005*time.Millisecond, ok), use(0, 1006*time.Millisecond, no),
	}, nil, true},
	{"strict, and another node needs time", true, events{logout(0, 1*second, true), use(1, 1020*time.Millisecond, ok)}, []string{history.Stale}, false},
	{"strict, before the answer", true, events{logout(0, 1*second, true), use(1, 1005*time.Millisecond, ok), use(1, 2*second, no)}, nil, true},
	{"long after", false, events{logout(0, 1*second, true), use(1, 99*second, ok)}, []string{history.Stale}, false},

	{"it comes back at the same node", false, events{
		logout(0, 1*second, true), use(1, 2*second, no), use(1, 2100*time.Millisecond, ok),
	}, []string{history.Resurrection}, false},
	{"it comes back, and the logout was not answered", false, events{
		logout(0, 1*second, false), use(1, 2*second, no), use(1, 9*second, ok),
	}, []string{history.Resurrection}, false},
	{"it comes back elsewhere, within a lease", false, events{logout(0, 1*second, false), use(1, 2*second, no), use(2, 3900*time.Millisecond, ok)}, nil, true},
	{"it comes back elsewhere", false, events{
		logout(0, 1*second, false), use(1, 2*second, no), use(2, 9*second, ok),
	}, []string{history.Resurrection}, true},

	{"a logout without an answer has done nothing", false, events{logout(0, 1*second, false), use(0, 9*second, ok)}, nil, true},
	{"a logout without an answer was late", false, events{logout(0, 1*second, false), use(0, 9*second, ok), use(0, 10*second, no)}, nil, true},
	{"a login is lost", false, events{use(1, 1*second, no)}, []string{history.LostLogin}, false},
	{"refused before it is ended", false, events{
		use(1, 1*second, no), logout(0, 2*second, true),
	}, []string{history.LostLogin}, false},

	{"all end", false, events{endAll(1*second, ""), use(1, 9*second, no)}, nil, true},
	{"all end, and one is accepted", false, events{endAll(1*second, ""), use(1, 9*second, ok)}, []string{history.Stale}, false},
	{"all others end", false, events{endAll(1*second, "a"), use(1, 9*second, ok)}, nil, true},
	{"all others end, and it is refused", false, events{endAll(1*second, "a"), use(1, 9*second, no)}, []string{history.LostLogin}, false},
	{"all end while it begins: refused", false, events{endAll(0, ""), use(1, 9*second, no)}, nil, true},
	{"all end while it begins: accepted", false, events{endAll(0, ""), use(1, 9*second, ok)}, nil, true},
	{"all end before it begins", false, events{endAll(-second, ""), use(1, 9*second, no)}, []string{history.LostLogin}, false},

	{"cut off, within the lease", false, events{cut(1, 1*second, 9*second), use(1, 2900*time.Millisecond, ok)}, nil, true},
	{"cut off, beyond the lease", false, events{cut(1, 1*second, 9*second), use(1, 3100*time.Millisecond, ok)}, []string{history.Unseeing}, true},
	{"cut off, and it says so", false, events{cut(1, 1*second, 9*second), use(1, 4*second, blind), use(1, 5*second, unknown)}, nil, true},
	{"cut off, and answered afterwards", false, events{cut(1, 1*second, 4005*time.Millisecond), use(1, 4*second, ok)}, nil, true},
	{"cut off, and refused without reason", false, events{cut(1, 1*second, 9*second), use(1, 4*second, no)}, []string{history.LostLogin}, false},
	{"another one is cut off", false, events{cut(1, 1*second, 9*second), use(2, 4*second, ok)}, nil, true},

	{"the token of another login", false, events{func(h *history.History) {
		h.Login(history.Login{Span: at(second), Token: "a", User: "v"})
	}}, []string{history.Twice}, true},
}

func TestCheck(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			h := one(s.strict)
			for _, event := range s.events {
				event(h)
			}
			var broken []string
			for _, v := range h.Check() {
				if !slices.Contains(broken, v.Rule) {
					broken = append(broken, v.Rule)
				}
			}
			if !slices.Equal(broken, s.broken) {
				t.Errorf("broken: %q, want %q: %v", broken, s.broken, h.Check())
			}
			wrong, err := h.Linearize(time.Minute)
			if err != nil || (len(wrong) == 0) != s.linear {
				t.Errorf("Linearize: %v, %v; want it linear: %v", wrong, err, s.linear)
			}
		})
	}
}

func TestBags(t *testing.T) {
	write := func(start, end int, revision int64, value string, result history.Result) history.Write {
		return history.Write{
			Span: history.Span{Start: time.Duration(start), End: time.Duration(end)}, Bag: "b", If: revision, Value: value, Result: result,
		}
	}
	read := func(start int, revision int64, value string) history.Write {
		return history.Write{Span: history.Span{Start: time.Duration(start), End: time.Duration(start + 1)}, Bag: "b", Revision: revision, Value: value, Result: history.Done}
	}
	const done, conflict, unanswered = history.Done, history.Conflict, history.Unanswered
	for _, c := range []struct {
		name   string
		writes []history.Write
		linear bool
	}{
		{"one after the other", []history.Write{write(1, 2, 1, "x", done), read(3, 2, "x"), write(5, 6, 2, "y", done), read(7, 3, "y")}, true},
		{"a read of what was", []history.Write{write(1, 2, 1, "x", done), read(3, 1, "")}, false},
		{"two writes to one revision", []history.Write{write(1, 5, 1, "x", done), write(2, 6, 1, "y", done)}, false},
		{"one of two", []history.Write{write(1, 5, 1, "x", done), write(2, 6, 1, "y", conflict), read(7, 2, "x")}, true},
		{"a conflict without one", []history.Write{write(1, 2, 1, "x", conflict)}, false},
		{"an update is lost", []history.Write{write(1, 2, 1, "x", done), write(3, 4, 2, "y", done), read(5, 2, "x")}, false},
		{"unanswered, and done", []history.Write{write(1, 2, 1, "x", unanswered), read(3, 2, "x")}, true},
		{"unanswered, and not done", []history.Write{write(1, 2, 1, "x", unanswered), read(3, 1, "")}, true},
		{"unanswered, and done late", []history.Write{write(1, 2, 1, "x", unanswered), read(3, 1, ""), read(5, 2, "x")}, true},
		{"unanswered, and done twice", []history.Write{write(1, 2, 1, "x", unanswered), read(3, 2, "x"), write(5, 6, 2, "y", done), read(7, 4, "x")}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := history.New(lease, false)
			for _, w := range c.writes {
				h.Write(w)
			}
			wrong, err := h.Linearize(time.Minute)
			if err != nil || (len(wrong) == 0) != c.linear {
				t.Errorf("%v, %v; want it linear: %v", wrong, err, c.linear)
			}
		})
	}
}

// TestStory has in it what somebody needs who looks into a violation.
func TestStory(t *testing.T) {
	h := one(false)
	for _, event := range (events{use(1, 1*second, ok), use(1, 2*second, ok), endAll(3*second, ""), use(1, 4*second, no)}) {
		event(h)
	}
	const want = `          0s to         10ms: given to u at node 0
          1s to        1.01s: accepted at node 1
          3s to        3.01s: ended () at node 0; answered: true; all but this one: false
          4s to        4.01s: refused at node 1
`
	if got := h.Story("a"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
