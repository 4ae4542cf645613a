package chaos_test

import (
	"maps"
	"slices"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

// judge says what the clients have seen, and fails where it must not be.
func (s *scene) judge() {
	s.t.Helper()
	h := s.history
	counts := map[history.Outcome]int{}
	for _, u := range h.Uses {
		counts[u.Outcome]++
	}
	done := 0
	for _, r := range h.Revokes {
		if r.Done {
			done++
		}
	}
	s.t.Logf("%d sessions begun, %d of %d revokes answered, %d requests: %v; %d about data bags",
		len(h.Logins), done, len(h.Revokes), len(h.Uses), counts, len(h.Writes))
	inHealth, broken := spreadOf(s.clients.delays.calm), spreadOf(s.clients.delays.stormy)
	s.t.Logf("in health, refused by another node after the answer of the revoke: %v", inHealth)
	s.t.Logf("while something is broken, last accepted elsewhere after that: %v", broken)
	blind, silent := s.blindness()
	s.t.Logf("cut off from the store: answered 503 after %v; %d requests without an answer", blind, silent)
	for _, name := range slices.Sorted(maps.Keys(s.recovered)) {
		took := spreadOf(s.recovered[name])
		s.t.Logf("%d times %s; all well again after %v, at most %v", len(took), name, took.at(0.5).Round(time.Millisecond), took.at(1).Round(time.Millisecond))
	}

	violations := h.Check()
	began := time.Now()
	disorder, err := h.Linearize(2 * time.Minute)
	s.t.Logf("%d violations; porcupine found no order for %d in %v", len(violations), len(disorder), time.Since(began).Round(time.Millisecond))
	if err != nil {
		s.t.Error(err)
	}
	var told []string
	for i, v := range append(violations, disorder...) {
		if i == 20 {
			s.t.Errorf("… and more")
			break
		}
		s.t.Error(v)
		if !slices.Contains(told, v.Token) {
			told = append(told, v.Token)
			s.t.Log(h.Story(v.Token))
		}
	}
	for _, what := range slices.Sorted(maps.Keys(s.clients.surprises)) {
		s.t.Errorf("%d times: %s", s.clients.surprises[what], what)
	}
	// A run in which nothing happens breaks nothing.
	if done < s.count || counts[history.Refused] < s.count || len(h.Writes) < s.count {
		s.t.Error("too little happened to mean anything")
	}
	long := 0
	for _, c := range h.Cuts {
		if c.End-c.Start > 2*lease {
			long++
		}
	}
	if len(blind) < long {
		s.t.Errorf("%d times a node was cut off for long, and clients were told so %d times", long, len(blind))
	}
}

// blindness returns how long nodes that were cut off took to say so, and how many requests they did not
// answer in time.
func (s *scene) blindness() (answered spread, silent int) {
	var took []time.Duration
	for _, u := range s.history.Uses {
		for _, c := range s.history.Cuts {
			if c.Node != u.Node || u.Start < c.Start || u.Start > c.End {
				continue
			}
			switch u.Outcome {
			case history.Blind:
				took = append(took, u.End-u.Start)
			case history.Lost:
				silent++
			}
		}
	}
	return spreadOf(took), silent
}
