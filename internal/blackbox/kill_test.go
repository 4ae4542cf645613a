package blackbox_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var killRounds = flag.Int("kill.rounds", 200, "rounds of TestKill9")

const (
	killClients = 64                     // log in and out at once
	killWithin  = 250 * time.Millisecond // after the first request, or the first login
	// killMemory is for how many rounds an acknowledged logout is looked at again after each
	// start. At the end all of them are.
	killMemory = 3
)

// A killUser logs in and out until the server dies.
type killUser struct{ email, password, id string }

var killUsers = []killUser{
	{bobSession, bobSessionPassword, bobSessionID},
	{bob, bobPassword, bobID},
	{bob100, bob100Password, bob100ID},
}

// TestKill9 kills the server in the middle of logins and logouts, again and again on the same
// data folder. What it acknowledged before must be true after: no login is lost, no logout
// comes back. An answer that was lost promises nothing; but once the server has been asked, what
// it said must stay.
func TestKill9(t *testing.T) {
	rounds := *killRounds
	if testing.Short() {
		rounds = min(rounds, 5)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed) // of the schedule; the interleaving is the machine's
	random := rand.New(rand.NewPCG(seed, 0))

	k := &killing{ledger: newLedger()}
	s := &server{data: importedData(t), t: t, env: settings{"AUTH_TYPE": "session_db_auth"}}
	t.Cleanup(s.cleanup)
	began := time.Now()
	round := 1
	// A slow machine acknowledges little in a quarter of a second, and needs more rounds to
	// have seen as much.
	for ; !t.Failed() && (round <= rounds || round <= 2*rounds && !k.ledger.total.means(rounds)); round++ {
		s.start()
		k.connect(s)
		k.verify(t, round, k.ledger.since(round-killMemory))
		if !t.Failed() {
			k.storm(t, round, s, random)
		}
		s.kill()
		k.client.CloseIdleConnections()
	}
	if !t.Failed() {
		s.start()
		k.connect(s)
		k.verify(t, round, k.ledger.since(0))
		k.client.CloseIdleConnections()
		s.stop()
	}
	total := k.ledger.total
	t.Logf("%d rounds in %v: %v", round-1, time.Since(began).Round(time.Second), total)
	if !t.Failed() && !total.means(rounds) {
		t.Errorf("too little happened to mean anything: %v", total)
	}
}

// killing is what TestKill9 knows.
type killing struct {
	ledger *ledger
	base   string // the server of this round
	client *http.Client

	firstRequest, firstLogin event // of this round
	// plug is the server's process once the next answer may be its last.
	plug atomic.Pointer[os.Process]
}

// connect turns to the server of a new round.
func (k *killing) connect(s *server) {
	k.base = "http://" + s.addr
	k.client = &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: killClients},
		Timeout:   answerDeadline,
	}
}

// storm lets all clients loose and kills the server while they are at it.
func (k *killing) storm(t *testing.T, round int, s *server, random *rand.Rand) {
	delay := time.Duration(random.Int64N(int64(killWithin)))
	// A busy machine may need all of this time for its first hash, so that a clock that began
	// with the first request would kill servers that have not acknowledged anything yet. That
	// is worth a try too: every fourth round does it.
	begun := &k.firstLogin
	if round%4 == 0 {
		begun = &k.firstRequest
	}
	k.firstRequest.reset()
	k.firstLogin.reset()
	sessions := k.ledger.take(killClients/2, random)
	ctx, dead := context.WithCancel(context.Background())

	var clients sync.WaitGroup
	for i := range killClients {
		own := rand.New(rand.NewPCG(random.Uint64(), uint64(i)))
		var cookie string
		if i < len(sessions) {
			cookie = sessions[i]
		}
		clients.Go(func() {
			k.firstRequest.happen()
			if cookie != "" {
				begun.await()
				<-time.After(logoutAt(delay, own))
				k.logout(t, round, cookie)
			}
			for ctx.Err() == nil && k.login(ctx, t, round, own) {
			}
		})
	}
	begun.await()
	<-time.After(delay)
	if round%2 == 1 {
		// The worst moment is right behind an answer: a server that promises first and writes
		// then is caught in between. Whoever gets the next answer pulls the plug.
		k.plug.Store(s.cmd.Process)
		select {
		case <-s.exited:
		case <-time.After(killWithin):
		}
	}
	s.kill()
	k.plug.Store(nil)
	dead()
	clients.Wait()
}

// logoutAt says when in a round that is killed after delay a client logs out. Logouts are so much
// faster than logins that all would be over long before most kills, so every other one is aimed
// at the kill.
func logoutAt(delay time.Duration, random *rand.Rand) time.Duration {
	if random.IntN(2) == 0 {
		return max(0, delay-time.Duration(random.Int64N(int64(4*time.Millisecond))))
	}
	return time.Duration(random.Int64N(int64(delay) + 1))
}

// login logs in, sometimes out again at once, and reports whether to go on.
func (k *killing) login(ctx context.Context, t *testing.T, round int, random *rand.Rand) bool {
	user := killUsers[random.IntN(len(killUsers))]
	body := strings.NewReader(string(*loginForm(user.email, user.password).body))
	status, cookie, err := k.send("POST", pathLogin, "", body)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED): // the server was dead before
		return false
	case err != nil:
		k.ledger.count(func(a *tally) { a.lostLogins++ })
		return false
	case status == http.StatusServiceUnavailable:
		k.ledger.count(func(a *tally) { a.refused++ })
		return false // whoever is told that there are too many does well to leave
	case status != http.StatusOK || cookie == "":
		t.Errorf("round %d: login: status %d, cookie %q", round, status, cookie)
		return false
	}
	k.firstLogin.happen()
	if !k.ledger.begun(cookie, user, round) {
		t.Errorf("round %d: the cookie %s was given out twice", round, cookie)
		return false
	}
	if random.IntN(4) == 0 && k.ledger.takeThis(cookie) {
		k.logout(t, round, cookie)
	}
	return true
}

// logout ends a session that the caller has taken from the ledger.
func (k *killing) logout(t *testing.T, round int, cookie string) {
	status, _, err := k.send("DELETE", pathLogout, cookie, nil)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED): // the server was dead before
		k.ledger.settle(cookie, alive, round)
	case err != nil:
		k.ledger.settle(cookie, unknown, round)
	case status == http.StatusOK:
		k.ledger.settle(cookie, ended, round)
	default:
		k.ledger.settle(cookie, unknown, round)
		t.Errorf("round %d: logout of a live session: status %d", round, status)
	}
}

// verify asks for each session whether it is what the ledger says.
func (k *killing) verify(t *testing.T, round int, sessions map[string]entry) {
	work := make(chan string)
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			for cookie := range work {
				k.ask(t, round, cookie, sessions[cookie])
			}
		})
	}
	for cookie := range sessions {
		work <- cookie
	}
	close(work)
	askers.Wait()
}

func (k *killing) ask(t *testing.T, round int, cookie string, e entry) {
	r, err := http.NewRequest("GET", k.base+pathMe, nil)
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Cookie", cookie)
	answer, err := k.client.Do(r)
	if err != nil {
		t.Errorf("round %d: %v", round, err)
		return
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Errorf("round %d: %v", round, err)
		return
	}
	says := ended
	switch {
	case answer.StatusCode == http.StatusOK && strings.Contains(string(body), e.user.id):
		says = alive
	case answer.StatusCode != http.StatusForbidden:
		t.Errorf("round %d: session of %s: %s %s", round, e.user.email, answer.Status, body)
		return
	}
	switch {
	case e.fate == unknown:
		k.ledger.resolve(cookie, says, round)
	case e.fate == alive && says == ended:
		t.Errorf("round %d: %s of %s is gone: its login was acknowledged in round %d",
			round, cookie, e.user.email, e.round)
	case e.fate == ended && says == alive:
		t.Errorf("round %d: %s of %s is back: its end was acknowledged in round %d",
			round, cookie, e.user.email, e.round)
	}
}

// send returns the status and the cookie of the answer as soon as its header is there: from then
// on the request is acknowledged, whatever becomes of the connection.
func (k *killing) send(method, path, cookie string, body io.Reader) (int, string, error) {
	r, err := http.NewRequest(method, k.base+path, body)
	if err != nil {
		return 0, "", err
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	if body != nil {
		r.Header.Set("Content-Type", formType)
	}
	answer, err := k.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	if server := k.plug.Swap(nil); server != nil {
		_ = server.Kill()
	}
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection serves again
	set, _, _ := strings.Cut(answer.Header.Get("Set-Cookie"), ";")
	return answer.StatusCode, set, nil
}
