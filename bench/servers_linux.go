package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/handstamp/handstamp/internal/privateserver"
)

// The servers of others that the nodes share, started when the first table asks for them. It is the
// [privateserver.TB] of both.
type servers struct {
	cleanups []func()
	postgres *privateserver.Postgres
	redis    *privateserver.Redis
}

// A startFailure is what try makes an error of.
type startFailure struct{ error }

// Helper implements [privateserver.TB].
func (s *servers) Helper() {}

// Cleanup implements [privateserver.TB].
func (s *servers) Cleanup(do func()) { s.cleanups = append(s.cleanups, do) }

// Fatalf implements [privateserver.TB].
func (s *servers) Fatalf(format string, args ...any) {
	panic(startFailure{fmt.Errorf(format, args...)})
}

// TempDir implements [privateserver.TB].
func (s *servers) TempDir() string {
	folder, err := os.MkdirTemp("", "handstamp-bench-")
	if err != nil {
		s.Fatalf("make a folder for a server: %w", err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// try returns as an error what do has failed with.
func (s *servers) try(do func()) (err error) {
	defer func() {
		if failed := recover(); failed != nil {
			failure, ok := failed.(startFailure)
			if !ok {
				panic(failed)
			}
			err = failure.error
		}
	}()
	do()
	return nil
}

// close stops the servers, the last one first.
func (s *servers) close() {
	for _, do := range slices.Backward(s.cleanups) {
		do()
	}
	s.cleanups = nil
}

// newDatabase makes a database in PostgreSQL and returns its URL.
func (s *servers) newDatabase() (url string, err error) {
	err = s.try(func() {
		if s.postgres == nil {
			s.postgres = privateserver.StartPostgres(s, privateserver.PostgresConfig{Durable: true, Options: map[string]string{
				"shared_buffers": "128MB", "shared_preload_libraries": "pg_stat_statements",
				// Without this it would count where transactions begin and end, too.
				"pg_stat_statements.track_utility": "off",
			}})
			s.postgres.SQL(s, `CREATE EXTENSION pg_stat_statements`)
		}
		url = s.postgres.NewDatabase(s)
	})
	return url, err
}

// queries returns what a database in PostgreSQL has been asked so far.
func (s *servers) queries(database string) (q queries, err error) {
	if s.postgres == nil {
		return q, errors.New("count queries: no database")
	}
	err = s.try(func() {
		text := s.postgres.SQL(s, `SELECT COALESCE(sum(calls), 0),
				COALESCE(sum(calls) FILTER (WHERE query LIKE '%INTO nodes%' OR query LIKE '%FROM feed_head%'), 0),
				COALESCE(sum(calls) FILTER (WHERE query LIKE 'SELECT id FROM turn %'), 0),
				COALESCE(sum(calls) FILTER (WHERE query LIKE 'SELECT %' AND query NOT LIKE '%FROM feed_head%'
					AND query NOT LIKE 'SELECT id FROM turn %' AND query NOT LIKE 'SELECT set_config(%'), 0)
			FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid WHERE d.datname = '`+database+`'`)
		if _, err := fmt.Sscanf(text, "%g|%g|%g|%g", &q.statements, &q.leases, &q.writes, &q.reads); err != nil {
			s.Fatalf("count queries: %w: %q", err, text)
		}
	})
	return q, err
}

// startRedis returns the URL of a Redis that has each change on the disk before it answers.
func (s *servers) startRedis() (url string, err error) {
	err = s.try(func() {
		if s.redis == nil {
			s.redis = privateserver.StartRedis(s, privateserver.RedisOptions{})
		}
		url = s.redis.URL()
	})
	return url, err
}
