package proxies_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// generated is how many targets the differential test sends through each proxy.
const generated = 10_000

// A trial is one generated request and what came of it.
type trial struct {
	n, target string
	who       person
	got       answer
	lost      bool // no answer: the proxy has hung up
}

// differential compares, for each of many targets, what /verify has decided with what the proxy has
// then done. That none of the requests that reached the app is a bypass, checkWire says.
func differential(t *testing.T, s *scene) {
	trials := make([]trial, generated)
	g := newGenerator(20261122)
	everybody := []person{{}, s.user, s.admin}
	for i := range trials {
		trials[i] = trial{n: s.number(), target: g.target(), who: everybody[g.IntN(len(everybody))]}
	}
	var senders sync.WaitGroup
	for part := range slices.Chunk(trials, generated/8) {
		senders.Go(func() {
			if err := s.try(part); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()

	decided := s.tap.decisions(t)
	counts := make(map[string]int)
	for _, tr := range trials {
		verdict, err := agree(tr, decided[tr.n], s.app.requests(tr.n))
		if err != nil {
			t.Errorf("%s of %q: %v", tr.target, tr.who.id, err)
		}
		counts[verdict]++
	}
	t.Logf("%d targets: %v", len(trials), counts)
	for _, verdict := range []string{"served", "refused by Handstamp", "Handstamp's own"} {
		if counts[verdict] == 0 {
			t.Errorf("none was %s", verdict)
		}
	}
}

// try sends requests one after the other, on one connection for as long as the proxy keeps it.
func (s *scene) try(trials []trial) error {
	var c *client
	defer func() {
		if c != nil {
			c.close()
		}
	}()
	for i := range trials {
		tr := &trials[i]
		if c == nil {
			var err error
			if c, err = s.dial(); err != nil {
				return err
			}
		}
		var err error
		if tr.got, err = c.send(get(tr.n, tr.target, tr.who)); err != nil {
			tr.lost = true
		}
		if err != nil || tr.got.header.Get("Connection") == "close" {
			c.close()
			c = nil
		}
	}
	return nil
}

// agree says what became of a request, and an error if not everybody agrees about it.
func agree(tr trial, decided []decision, reached []request) (string, error) {
	if len(decided) > 1 || len(reached) > 1 {
		return "", fmt.Errorf("%d decisions and %d requests of the app for one of the client", len(decided), len(reached))
	}
	if len(decided) == 0 {
		switch {
		case len(reached) > 0:
			return "", fmt.Errorf("bypass: the app got %q, and nobody was asked", reached[0].target)
		case tr.lost || tr.got.status == http.StatusBadRequest || tr.got.status == http.StatusNotFound && tr.got.header.Get("Server") != "":
			return "refused by the proxy", nil
		}
		return "Handstamp's own", nil
	}
	d := decided[0]
	switch {
	case tr.lost:
		return "", fmt.Errorf("/verify said %d, and the client got nothing", d.status)
	case d.status == http.StatusOK:
		if len(reached) == 0 {
			return "", fmt.Errorf("/verify said 200, and the app got nothing; the client got %d", tr.got.status)
		}
		if r := reached[0]; r.target != d.target {
			return "", fmt.Errorf("/verify was asked for %q, and the app for %q", d.target, r.target)
		} else if r.header.Get("X-Auth-User") != d.user || r.header.Get("X-Auth-Role") != d.role || d.user != tr.who.id {
			return "", fmt.Errorf("/verify said it is %q, and the app heard %q", d.user, r.header.Get("X-Auth-User"))
		} else if !tr.got.fromApp() {
			return "", fmt.Errorf("the answer is %d, and not the app's", tr.got.status)
		}
		return "served", nil
	case len(reached) > 0:
		return "", fmt.Errorf("bypass: /verify said %d, and the app got %q", d.status, reached[0].target)
	case tr.got.status != d.status:
		return "", fmt.Errorf("/verify said %d, and the client got %d", d.status, tr.got.status)
	}
	return "refused by Handstamp", nil
}
