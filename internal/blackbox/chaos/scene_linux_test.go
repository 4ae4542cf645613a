package chaos_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
	"github.com/handstamp/handstamp/internal/netns"
)

const (
	lease = 2 * time.Second
	// recovery is how long after a repair all nodes may take until they answer.
	recovery = 60 * time.Second
	calm     = 500 * time.Millisecond
)

// A store is what the nodes keep users and sessions in.
type store interface {
	settings(strict bool) settings // of a node that uses it
	hosts() []*netns.Host          // of what sessions are kept in
	faults() []fault               // of its own
}

// A scene is a cluster, its clients, and what has been broken.
type scene struct {
	t       *testing.T
	random  *rand.Rand
	network *netns.Network
	store   store
	nodes   []*node
	history *history.History
	clients *clients

	victim    *node // of the fault that is being caused
	canary    *held
	recovered map[string][]time.Duration
	count     int
}

// newScene starts three nodes on a store.
func newScene(t *testing.T, n *netns.Network, kept store, strict bool) *scene {
	t.Helper()
	used := *seed
	if used == 0 {
		used = uint64(time.Now().UnixNano())
	}
	t.Logf("-chaos.seed %d", used)
	s := &scene{
		t: t, random: rand.New(rand.NewPCG(used, 0)), network: n, store: kept,
		history: history.New(lease, strict), recovered: map[string][]time.Duration{},
	}
	s.clients = &clients{t: t, history: s.history, surprises: map[string]int{}}
	for i := range 3 {
		member := newNode(t, n, i, kept.settings(strict))
		s.nodes = append(s.nodes, member)
		s.clients.callers = append(s.clients.callers, newCaller(member))
		member.launch()
		member.await() // the first one makes the tables
		if i == 0 {
			member.command(strings.NewReader(listOfPeople()), "import", "users", "-", "--format", "jsonl")
		}
	}
	t.Cleanup(func() {
		for _, at := range s.clients.callers {
			at.close()
		}
		for _, member := range s.nodes {
			if t.Failed() {
				_ = member.kill()
			} else {
				member.stop()
			}
			member.isFine()
			if t.Failed() {
				t.Logf("standard error of %s:\n%s", member.host.Name, member.said())
			}
		}
	})
	s.clients.meet(t.Context())
	s.canary = &held{text: s.clients.signIn(t.Context(), s.clients.callers[0], canary), owner: canary}
	s.history.Login(history.Login{Span: s.history.Since(s.history.Now()), Token: s.canary.text, User: canary.email})
	return s
}

// run breaks one thing after the other while the clients work, and judges what they have seen.
func (s *scene) run(faults []fault) {
	s.clients.start(s.random)
	s.await("the start")
	began := time.Now()
	for _, f := range s.schedule(faults) {
		if s.t.Failed() {
			break
		}
		s.round(f)
	}
	s.clients.finish()
	s.t.Logf("%d rounds of faults in %v", s.count, time.Since(began).Round(time.Second))
	s.look()
	s.judge()
	s.replay()
}

// schedule returns each fault once, or as many as the flag says, in an order that the seed decides.
func (s *scene) schedule(faults []fault) (list []fault) {
	wanted := regexp.MustCompile(*only)
	faults = slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return !wanted.MatchString(f.name) })
	for ok := len(faults) > 0; ok; ok = len(list) < *rounds {
		s.random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
		list = append(list, faults...)
	}
	if *rounds > 0 {
		list = list[:min(*rounds, len(list))]
	}
	return list
}

// round breaks one thing, waits, repairs it, and waits until all is well again.
func (s *scene) round(f fault) {
	s.t.Helper()
	s.count++
	s.victim = s.nodes[s.random.IntN(len(s.nodes))]
	lasts := max(lease/10, time.Duration(f.least*float64(lease))) + time.Duration(s.random.Int64N(int64(lease)))
	s.clients.weather.change()
	repair, err := f.cause(s)
	from := s.history.Now()
	if err != nil {
		s.t.Errorf("%s: %v", f.name, err)
		return
	}
	<-time.After(lasts)
	to := s.history.Now()
	if f.blinds != nil {
		for _, index := range f.blinds(s) {
			s.history.Cut(history.Cut{Span: history.Span{Start: from, End: to}, Node: index})
		}
	}
	if err := repair(); err != nil {
		s.t.Errorf("repair: %s: %v", f.name, err)
		return
	}
	took := s.await(f.name)
	s.recovered[f.name] = append(s.recovered[f.name], took)
	s.t.Logf("%d: %s (%s): %v; all well again after %v", s.count, f.name, s.victim.host.Name, lasts.Round(time.Millisecond), took.Round(time.Millisecond))
	s.clients.weather.change()
	<-time.After(calm)
}

// await returns how long it took until every node knows a session that nobody ends.
func (s *scene) await(after string) time.Duration {
	s.t.Helper()
	began := time.Now()
	for _, at := range s.clients.callers {
		for {
			got := s.clients.use(s.t.Context(), at, s.canary)
			if got == history.Accepted {
				break
			}
			if time.Since(began) > recovery {
				s.t.Errorf("after %s: %s does not answer for %v: %v", after, at.node.host.Name, recovery, got)
				return recovery
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	return time.Since(began)
}

// look asks every node about every session, and once more when a lease has passed.
func (s *scene) look() {
	for range 2 {
		<-time.After(lease + calm)
		for _, at := range s.clients.callers {
			for _, h := range s.clients.pool.all() {
				if got := s.clients.use(s.t.Context(), at, h); got != history.Accepted && got != history.Refused {
					s.t.Errorf("at the end, %s does not know whether a session is good: %v", at.node.host.Name, got)
					break
				}
			}
		}
	}
}
