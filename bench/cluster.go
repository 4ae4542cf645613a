package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// A cluster is the product as one node or as several, on a PostgreSQL database of its own that has many sessions.
type cluster struct {
	database string // its name
	nodes    []*node
}

// A node is one of a cluster, and the connections on which it is asked about each session.
type node struct {
	*child
	conns    []net.Conn
	requests []string // one for each session
	size     int      // of each answer
}

// startCluster makes a database with sessions, starts nodes on it, and lets each learn of each session. What it returns is to be
// closed also when it fails.
func (b *bench) startCluster(ctx context.Context, size int) (*cluster, error) {
	c := &cluster{}
	binary, err := b.makeBinary(ctx)
	if err != nil {
		return c, err
	}
	at, err := b.servers.newDatabase()
	if err != nil {
		return c, err
	}
	parsed, err := url.Parse(at)
	if err != nil {
		return c, fmt.Errorf("start nodes: %w", err)
	}
	c.database = strings.TrimPrefix(parsed.Path, "/")
	requests, err := fillShared(ctx, at, b.effort.visitors)
	if err != nil {
		return c, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // which never fails
	for i := range size {
		folder, err := os.MkdirTemp(b.folder, "node")
		if err != nil {
			return c, fmt.Errorf("make a folder for a node: %w", err)
		}
		server, _, err := b.startProduct(ctx, binary, filepath.Join(folder, "data"), "HANDSTAMP_STORE="+at, "HANDSTAMP_PUBLIC_URL="+publicURL,
			"HANDSTAMP_LOG_LEVEL=warn", "HANDSTAMP_MASTER_KEY="+base64.RawURLEncoding.EncodeToString(key), fmt.Sprint("HANDSTAMP_NODE_NAME=n", i+1))
		if err != nil {
			return c, err
		}
		n := &node{child: server, requests: requests}
		c.nodes = append(c.nodes, n)
		if err := n.meet(ctx); err != nil {
			return c, fmt.Errorf("ask node %d: %w", i+1, err)
		}
	}
	return c, nil
}

// meet opens the connections, and lets the node learn of each session.
func (n *node) meet(ctx context.Context) error {
	_, size, err := answerOf(ctx, n.child, n.requests[0])
	if err != nil {
		return err
	}
	n.size = size
	for range clients {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", n.address)
		if err != nil {
			return err
		}
		n.conns = append(n.conns, conn)
	}
	_, err = eachConn([]*node{n}, func(n *node, i int) (checks int, err error) {
		for at := i; at < len(n.requests) && err == nil; at += len(n.conns) {
			err = n.ask(i, at)
		}
		return 0, err
	})
	return err
}

func (c *cluster) close() error {
	var errs []error
	for _, n := range c.nodes {
		for _, conn := range n.conns {
			_ = conn.Close() // nothing is left to be lost
		}
		errs = append(errs, n.stop())
	}
	return errors.Join(errs...)
}
