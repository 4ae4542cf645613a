package redisstore

import (
	"context"
	"crypto/rand"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/handstamp/handstamp/session"
)

//go:embed scripts/common.lua
var common string

// The scripts. Each of them says at its beginning what it does.
var (
	//go:embed scripts/insert.lua
	insertText string
	//go:embed scripts/load.lua
	loadText string
	//go:embed scripts/touch.lua
	touchText string
	//go:embed scripts/swap.lua
	swapText string
	//go:embed scripts/endone.lua
	endOneText string
	//go:embed scripts/enduser.lua
	endUserText string
	//go:embed scripts/endexpired.lua
	endExpiredText string
	//go:embed scripts/listuser.lua
	listUserText string
	//go:embed scripts/listall.lua
	listAllText string
	//go:embed scripts/reassert.lua
	reassertText string
	//go:embed scripts/renew.lua
	renewText string
	//go:embed scripts/nodes.lua
	nodesText string
	//go:embed scripts/forget.lua
	forgetText string
	//go:embed scripts/buckets.lua
	bucketsText string
	//go:embed scripts/resetbuckets.lua
	resetBucketsText string
	//go:embed scripts/sweepbuckets.lua
	sweepBucketsText string
	//go:embed scripts/info.lua
	infoText string
)

var (
	insertScript       = newScript(insertText)
	loadScript         = newReader(loadText)
	touchScript        = newScript(touchText)
	swapScript         = newScript(swapText)
	endOneScript       = newScript(endOneText)
	endUserScript      = newScript(endUserText)
	endExpiredScript   = newScript(endExpiredText)
	listUserScript     = newReader(listUserText)
	listAllScript      = newReader(listAllText)
	reassertScript     = newScript(reassertText)
	renewScript        = newScript(renewText)
	nodesScript        = newReader(nodesText)
	forgetScript       = newScript(forgetText)
	bucketsScript      = newScript(bucketsText)
	resetBucketsScript = newScript(resetBucketsText)
	sweepBucketsScript = newScript(sweepBucketsText)
	infoScript         = newReader(infoText)
)

func newScript(text string) *rueidis.Lua { return rueidis.NewLuaScript(common + text) }
func newReader(text string) *rueidis.Lua { return rueidis.NewLuaScriptReadOnly(common + text) }

// run runs a script and returns what it returns.
func (s *Store) run(ctx context.Context, script *rueidis.Lua, args ...string) ([]rueidis.RedisMessage, error) {
	return script.Exec(ctx, s.client, []string{s.base}, append([]string{rand.Text()}, args...)).ToArray()
}

// A change is what a script has done that changes sessions.
type change struct {
	reply             // what the script says besides
	position position // where it stands; zero where nothing has changed
}

// change runs a script that changes sessions, and applies to the caches of this process what it changed, and all that others had changed
// before. It does so as far as the script ran, also where it returns an error.
func (s *Store) change(ctx context.Context, script *rueidis.Lua, args ...string) (change, error) {
	applied := s.node.State()
	answer, err := s.runForGood(ctx, script, append([]string{applied.Incarnation, text(applied.Position)}, args...)...)
	c := change{reply: reply{values: answer}}
	if len(answer) > 1 {
		committed, readErr := answer[1].ToArray()
		c.values = slices.Delete(slices.Clone(answer), 1, 2)
		said := &reply{values: committed}
		c.position = position{position: said.number(), incarnation: said.text()}
		gap := said.number() != 0
		news := s.source.read(said.array())
		if gap {
			news = append([]session.Change{{}}, news...)
		}
		s.sessions.Publish(news...)
		err = errors.Join(err, readErr, said.err)
	}
	return c, err
}

// runForGood is run for what must not be lost with the primary: it returns when as many replicas have it as are
// configured, or an error if they do not in time. Then it has happened all the same.
func (s *Store) runForGood(ctx context.Context, script *rueidis.Lua, args ...string) ([]rueidis.RedisMessage, error) {
	if s.config.Replicas == 0 {
		return s.run(ctx, script, args...)
	}
	var reply []rueidis.RedisMessage
	err := s.confirmed(ctx, func(c rueidis.Client) (err error) {
		reply, err = script.Exec(ctx, c, []string{s.base}, append([]string{rand.Text()}, args...)).ToArray()
		return err
	})
	return reply, err
}

// ErrUnconfirmed means that too few replicas have a change in time: it is there, and may be lost with the
// primary; or the primary is none any more, and it is lost already.
var ErrUnconfirmed = errors.New("not enough replicas of Redis have confirmed")

// confirmTime is how long replicas have to confirm a change.
const confirmTime = time.Second

// confirmed does something through one connection, and returns when the replicas have whatever that primary had then. A
// change is written behind it, so that there is something to confirm.
func (s *Store) confirmed(ctx context.Context, do func(rueidis.Client) error) error {
	one, release, err := s.dedicate(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := do(dedicated{Client: s.client, one: one}); err != nil {
		return err
	}
	answers := one.DoMulti(ctx,
		one.B().Set().Key(s.base+"barrier").Value("").Build(),
		one.B().Wait().Numreplicas(int64(s.config.Replicas)).Timeout(confirmTime.Milliseconds()).Build())
	n, err := answers[1].AsInt64()
	if err := errors.Join(answers[0].Error(), err); err != nil {
		return fmt.Errorf("ask replicas: %w", err)
	}
	if n < int64(s.config.Replicas) {
		return fmt.Errorf("%w: %d of %d", ErrUnconfirmed, n, s.config.Replicas)
	}
	return nil
}

// maxDead is how many connections of the pool may be found dead, after a failover, before that is an error.
const maxDead = 16

// dedicate returns a connection that works: one that nothing was done with for a while may have been closed since, and a write must
// not be the first to find out, as it cannot be repeated.
func (s *Store) dedicate(ctx context.Context) (one rueidis.DedicatedClient, release func(), err error) {
	for range maxDead {
		one, release = s.client.Dedicate()
		// The name of a key chooses the primary, in a cluster.
		err = one.Do(ctx, one.B().Exists().Key(s.base+"barrier").Build()).Error()
		if err == nil {
			return one, release, nil
		}
		release()
		if ctx.Err() != nil {
			break
		}
	}
	return nil, nil, err
}

// dedicated is a client all of whose commands go through one connection, for scripts, which want a whole client.
type dedicated struct {
	rueidis.Client
	one rueidis.DedicatedClient
}

// Do implements [rueidis.Client].
func (d dedicated) Do(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult {
	return d.one.Do(ctx, cmd)
}

// reply reads what a script has returned, one value after the other. The first error stays.
type reply struct {
	values []rueidis.RedisMessage
	err    error
}

func (r *reply) next() (m rueidis.RedisMessage, ok bool) {
	if len(r.values) == 0 {
		if r.err == nil {
			r.err = errors.New("a script returned too little")
		}
		return m, false
	}
	m, r.values = r.values[0], r.values[1:]
	return m, true
}

func (r *reply) text() string {
	m, ok := r.next()
	if !ok || m.IsNil() {
		return ""
	}
	text, err := m.ToString()
	r.note(err)
	return text
}

func (r *reply) number() int64 {
	m, ok := r.next()
	if !ok {
		return 0
	}
	n, err := m.AsInt64()
	r.note(err)
	return n
}

func (r *reply) array() reply {
	m, ok := r.next()
	if !ok {
		return reply{}
	}
	values, err := m.ToArray()
	r.note(err)
	return reply{values: values}
}

func (r *reply) note(err error) {
	if r.err == nil && err != nil {
		r.err = err
	}
}

func text(n int64) string { return strconv.FormatInt(n, 10) }
