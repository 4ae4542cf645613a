package redisstore

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/handstamp/handstamp/internal/guarantee"
)

// A judgement is a Guarantee that is being made.
type judgement struct{ guarantee.Guarantee }

// Guarantee asks Redis how it is configured. Where CONFIG is forbidden, as it is at those who run Redis for others, some
// of it stays [Unknown]; that is no error.
func (s *Store) Guarantee(ctx context.Context) (guarantee.Guarantee, error) {
	answer, err := s.run(ctx, infoScript)
	if err != nil {
		return guarantee.Guarantee{}, fmt.Errorf("ask Redis about itself: %w", err)
	}
	said := &reply{values: answer}
	facts := make(facts)
	for len(said.values) > 0 {
		facts.read(said.text())
	}
	if said.err != nil {
		return guarantee.Guarantee{}, fmt.Errorf("ask Redis about itself: %w", said.err)
	}
	j := judgement{guarantee.Guarantee{Server: facts.version(), Kill: guarantee.Unknown, Power: guarantee.Unknown, Failover: guarantee.Unknown}}
	settings, err := s.settings(ctx)
	if err != nil {
		j.Note(false, "CONFIG may not be read, so it is not known how Redis writes to the disk: %v", err)
	}
	if s.isPlain {
		j.Note(false, "the connection is not encrypted: who can listen learns the password of Redis and can end every session; use rediss://")
	}
	j.judgeMemory(facts)
	j.judgeDisk(facts, settings)
	j.judgeReplicas(facts, settings, s.config.Replicas)
	return j.Guarantee, nil
}

// settings asks for what is only known to CONFIG, at the primary that has the keys.
func (s *Store) settings(ctx context.Context) (map[string]string, error) {
	one, release, err := s.dedicate(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	return one.Do(ctx, one.B().ConfigGet().Parameter(
		"appendonly", "appendfsync", "no-appendfsync-on-rewrite", "min-replicas-to-write", "min-replicas-max-lag", "save",
	).Build()).AsStrMap()
}

// facts are what Redis says of itself without being asked for its configuration.
type facts map[string]string

func (f facts) read(info string) {
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			f[name] = value
		}
	}
}

func (f facts) version() string {
	if valkey := f["valkey_version"]; valkey != "" {
		return "valkey " + valkey
	}
	return "redis " + f["redis_version"]
}

func (f facts) number(name string) int {
	n, _ := strconv.Atoi(f[name]) // what is missing is none
	return n
}

// judgeMemory: a Redis that evicts may forget a revoke, or what a bucket had counted, at any time.
func (g *judgement) judgeMemory(f facts) {
	policy := f["maxmemory_policy"]
	if policy == "" || policy == "noeviction" {
		return
	}
	if f.number("maxmemory") == 0 {
		g.Note(false, "maxmemory-policy is %s: it must be noeviction before maxmemory is set", policy)
		return
	}
	g.Note(true, "maxmemory-policy is %s: Redis may drop sessions, attempts and changes to make room; set noeviction", policy)
}

func (g *judgement) judgeDisk(f facts, settings map[string]string) {
	appends := f.number("aof_enabled") == 1
	fsync := settings["appendfsync"]
	switch {
	case f["aof_enabled"] == "":
		return
	case !appends:
		g.Kill, g.Power = guarantee.Lost, guarantee.Lost
		g.Note(true, "appendonly is off: a restart of Redis brings back sessions that have ended since its last snapshot, and loses those that began; "+
			"set appendonly yes and appendfsync always")
		return
	case f["aof_last_write_status"] == "err":
		g.Note(true, "Redis cannot write to its disk")
	}
	switch fsync {
	case "always":
		g.Kill, g.Power = guarantee.Kept, guarantee.Kept
	case "everysec":
		g.Kill, g.Power = guarantee.Recent, guarantee.Recent
		g.Note(true, "appendfsync is everysec: two seconds of logins and revokes may be lost with the power; set always")
	case "no":
		g.Kill, g.Power = guarantee.Kept, guarantee.Recent
		g.Note(true, "appendfsync is no: as much may be lost with the power as the operating system has not written, half a minute; set always")
	default:
		g.Kill = guarantee.Recent
	}
	if fsync == "always" && settings["no-appendfsync-on-rewrite"] == "yes" {
		g.Kill, g.Power = guarantee.Recent, guarantee.Recent
		g.Note(true, "no-appendfsync-on-rewrite is yes: while Redis rewrites its file, it does not wait for the disk; set no")
	}
}

// judgeReplicas says what a failover would leave. There are only as many replicas as can be seen.
func (g *judgement) judgeReplicas(f facts, settings map[string]string, confirmed int) {
	if f["role"] != "" && f["role"] != "master" {
		g.Note(true, "this Redis is a replica: it is not asked for anything")
	}
	replicas := f.number("connected_slaves")
	clustered := cmp.Or(f["cluster_enabled"], "0") == "1"
	switch {
	case replicas == 0 && confirmed == 0:
		g.Failover = guarantee.Lost
		if clustered {
			g.Note(false, "the primary of these keys has no replica: when it is gone, there is no answer until it is back")
		}
		return
	case confirmed > replicas:
		g.Failover = guarantee.Lost
		g.Note(true, "%d replicas have to confirm, and there are %d: nobody can sign in or out", confirmed, replicas)
		return
	case confirmed == replicas:
		g.Failover = guarantee.Kept
		return
	case confirmed > 0:
		g.Failover = guarantee.Recent
		g.Note(true, "%d of %d replicas have to confirm: one of the others may take over, without the last revokes", confirmed, replicas)
	default:
		g.Failover = guarantee.Recent
		g.Note(true, "no replica has to confirm: a failover may undo the last logins and revokes")
	}
	if n, known := settings["min-replicas-to-write"]; known && n == "0" {
		g.Note(true, "min-replicas-to-write is 0: a primary that was replaced, and has not heard of it, goes on for those who see only it")
	}
}
