//go:build linux

package privateserver

import (
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
)

// A RabbitMQ is a private RabbitMQ.
type RabbitMQ struct {
	folder            string
	port, dist, names int
	server, epmd      *process
}

// rabbitmqProgram is Debian's, without the wrapper that wants to be root.
const rabbitmqProgram = "/usr/lib/rabbitmq/bin/rabbitmq-server"

// StartRabbitMQ starts a RabbitMQ that ends with the test. It takes some seconds.
func StartRabbitMQ(tb TB) *RabbitMQ {
	tb.Helper()
	s := &RabbitMQ{folder: newFolder(tb), port: newPort(tb), dist: newPort(tb), names: newPort(tb)}
	// Its own daemon of names, as the one that Erlang would start outlives everybody.
	command := []string{"epmd", "-address", "127.0.0.1", "-port", strconv.Itoa(s.names)}
	var err error
	if s.epmd, err = startProcess(s.folder, nil, command, accepts(local(s.names))); err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(func() { s.epmd.signal(syscall.SIGKILL) })
	s.Start(tb)
	tb.Cleanup(s.Kill)
	return s
}

// URL returns what clients connect to.
func (s *RabbitMQ) URL() string { return fmt.Sprintf("amqp://guest:guest@%s/", local(s.port)) }

// Start starts the server again, with the queues that it had.
func (s *RabbitMQ) Start(tb TB) {
	tb.Helper()
	in := func(name string) string { return filepath.Join(s.folder, name) }
	env := []string{
		"HOME=" + s.folder, // where the cookie is, by which the parts of it know each other
		"ERL_EPMD_PORT=" + strconv.Itoa(s.names),
		"ERL_EPMD_ADDRESS=127.0.0.1",
		fmt.Sprintf("RABBITMQ_NODENAME=handstamp%d@localhost", s.port),
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
		"RABBITMQ_NODE_PORT=" + strconv.Itoa(s.port),
		"RABBITMQ_DIST_PORT=" + strconv.Itoa(s.dist),
		"RABBITMQ_MNESIA_BASE=" + in("mnesia"),
		"RABBITMQ_LOG_BASE=" + in("log"),
		"RABBITMQ_LOGS=-",
		"RABBITMQ_CONF_ENV_FILE=" + in("none.conf"),
		"RABBITMQ_CONFIG_FILE=" + in("none"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + in("no-plugins"),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
	}
	var err error
	if s.server, err = startProcess(s.folder, env, []string{rabbitmqProgram}, accepts(local(s.port))); err != nil {
		tb.Fatalf("%v", err)
	}
}

// Kill ends the server at once.
func (s *RabbitMQ) Kill() { s.server.signal(syscall.SIGKILL) }
