package proxies_test

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// sharedConnections sends many requests of many people over few connections, each of which carries
// somebody else from one request to the next. What the app echoes has to be who asked.
func sharedConnections(t *testing.T, s *scene) {
	people := []person{{}, s.user, s.other, s.admin}
	for range 16 {
		people = append(people, s.signIn(t, "user"))
	}
	const connections, each = 10, 100
	var clients sync.WaitGroup
	for seed := range connections {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(uint64(seed), 28))
			c, err := s.dial()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.close()
			for range each {
				p, target := people[random.IntN(len(people))], "/public/echo"
				if p.id != "" && random.IntN(2) == 0 {
					target = "/echo"
				}
				a, err := c.send(get(s.number(), target, p))
				if err != nil || !a.fromApp() || a.header.Get("X-Echo-User") != p.id {
					t.Errorf("%s of %q: %d %v, for %q", target, p.id, a.status, err, a.header.Get("X-Echo-User"))
					return
				}
			}
		})
	}
	clients.Wait()
}
