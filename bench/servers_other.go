//go:build !linux

package main

import "errors"

// The servers of others that the nodes share. They are started on Linux only.
type servers struct{}

var errNotLinux = errors.New("PostgreSQL and Redis are started on Linux only")

func (s *servers) close() {}

func (s *servers) newDatabase() (url string, err error) { return "", errNotLinux }

func (s *servers) queries(string) (queries, error) { return queries{}, errNotLinux }

func (s *servers) startRedis() (url string, err error) { return "", errNotLinux }
