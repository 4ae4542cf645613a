package main

import (
	"context"
	"runtime"
	"runtime/metrics"

	"github.com/handstamp/handstamp/server/pages"
)

// node returns what administrators are told about this process.
func (s *service) node(ctx context.Context) pages.Node {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(memory)
	cache, hashes := s.sessions.CacheStats(), s.people.Passwords.Stats()
	n := pages.Node{
		Version:        versionName(),
		Started:        s.started,
		Store:          s.settings.Load().storeShown(),
		Failed:         s.health.Failed(ctx),
		Goroutines:     runtime.NumGoroutine(),
		Memory:         memory[0].Value.Uint64() - memory[1].Value.Uint64(),
		CacheHits:      cache.Hits,
		CacheMisses:    cache.Misses,
		CachedSessions: cache.Entries,
		HashesRunning:  hashes.Running,
		HashesWaiting:  hashes.Waiting,
		HashesRefused:  hashes.Refused,
	}
	var err error
	if s.own != nil && s.own.peers() != nil {
		if n.Peers, err = s.own.peers()(ctx); err != nil {
			s.fault(ctx, "list nodes", err)
		}
	}
	if n.Sessions, err = s.countSessions(ctx); err != nil {
		s.fault(ctx, "count sessions", err)
	}
	return n
}
