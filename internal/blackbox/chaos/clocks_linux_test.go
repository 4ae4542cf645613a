package chaos_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// clockFaults are those of a node whose wall clock somebody sets, by less than a session may be idle.
var clockFaults = []fault{
	setClock("a node's clock is set forward", 1),
	setClock("a node's clock is set back", -1),
	{
		name:  "a node is cut off from the store, and its clock is set back",
		least: long,
		cause: func(s *scene) (func() error, error) {
			victim := s.victim
			repair := func() error { return errors.Join(victim.setClock(0), join(s, victim.host)) }
			return repair, errors.Join(silently(s, victim.host), victim.setClock(-time.Minute))
		},
		blinds: func(s *scene) []int { return []int{s.victim.index} },
	},
}

func setClock(name string, sign time.Duration) fault {
	return fault{
		name:  name,
		least: long,
		cause: func(s *scene) (func() error, error) {
			victim := s.victim
			off := sign * time.Duration(1+s.random.Int64N(int64(20*time.Minute)))
			return func() error { return victim.setClock(0) }, victim.setClock(off)
		},
	}
}

// setClock sets the node's wall clock so far away from the machine's, and looks whether the node goes by it.
func (n *node) setClock(off time.Duration) error {
	if err := program.SetClock(n.clock, off); err != nil {
		return err
	}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answer, err := client.Get(n.url() + "/") // refused, as it names no host that is known
	if err != nil {
		return err
	}
	answer.Body.Close()
	says, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return err
	}
	if wrong := time.Until(says) - off; wrong.Abs() > 3*time.Second {
		return fmt.Errorf("the clock of %s was set %v off, and it is %v off", n.host.Name, off, time.Until(says))
	}
	return nil
}
