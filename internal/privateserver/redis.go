//go:build linux

package privateserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// RedisOptions say how a Redis server runs. The zero options are one that writes every change to the disk before it
// answers.
type RedisOptions struct {
	Config  []string // more of what redis.conf has, such as "appendfsync everysec"; the last one of a name counts
	Listen  string   // the address to listen at, without a port; 127.0.0.1 if empty
	Command []string // stands before the server's own, such as ip netns exec and a name; it is run as whoever runs the tests

	ReplicaOf *Redis // makes it a replica of another one

	// Watch makes it a Sentinel that watches the servers which stand for this primary, under the name "main", and is
	// alone to decide that the primary is gone, after 300 ms.
	Watch *Redis
}

// Redis is a Redis server, or Valkey where that is what the machine has.
type Redis struct {
	tb      TB
	options RedisOptions
	dir     string
	host    string
	port    int
	run     *process // nil while it is stopped
}

// StartRedis starts a server that is stopped at the end of the test.
func StartRedis(tb TB, options RedisOptions) *Redis {
	tb.Helper()
	r := &Redis{tb: tb, options: options, host: cmp.Or(options.Listen, "127.0.0.1")}
	var err error
	if r.port, err = freePort(); err != nil {
		tb.Fatalf("find a free port: %v", err)
	}
	// Not the test's own, into which nobody else may look.
	if r.dir, err = os.MkdirTemp("", "redis-"); err != nil {
		tb.Fatalf("prepare the folder of Redis: %v", err)
	}
	if err := giveAway(r.dir); err != nil {
		tb.Fatalf("prepare the folder of Redis: %v", err)
	}
	tb.Cleanup(func() {
		r.end(syscall.SIGKILL)
		_ = os.RemoveAll(r.dir)
	})
	r.Start()
	return r
}

// URL returns where clients find the server.
func (r *Redis) URL() string { return "redis://" + r.Address() }

// Address returns host and port.
func (r *Redis) Address() string { return net.JoinHostPort(r.host, strconv.Itoa(r.port)) }

// Dir returns the folder of the server's data. What is in it may be changed while the server is stopped.
func (r *Redis) Dir() string { return r.dir }

// Start starts the server again, with the data that it has kept. It returns when commands are answered.
func (r *Redis) Start() {
	r.tb.Helper()
	if r.run != nil {
		return
	}
	command, err := r.command()
	if err != nil {
		r.tb.Fatalf("start Redis: %v", err)
	}
	if r.run, err = startBehind(r.options.Command, r.dir, nil, command, r.ready); err != nil {
		r.tb.Fatalf("start Redis: %v", err)
	}
}

// Stop lets the server finish.
func (r *Redis) Stop() { r.end(syscall.SIGTERM) }

// Kill ends the server without giving it time for anything.
func (r *Redis) Kill() { r.end(syscall.SIGKILL) }

// Pause makes the server stand still, so that connections stay and nobody answers, until Resume.
func (r *Redis) Pause() { _ = syscall.Kill(-r.run.cmd.Process.Pid, syscall.SIGSTOP) }

// Resume ends what Pause began.
func (r *Redis) Resume() { _ = syscall.Kill(-r.run.cmd.Process.Pid, syscall.SIGCONT) }

func (r *Redis) end(s syscall.Signal) {
	if r.run == nil {
		return
	}
	r.Resume() // one that stands still would not hear the signal
	r.run.signal(s)
	r.run = nil
}

func (r *Redis) command() ([]string, error) {
	program, err := lookAny("redis-server", "valkey-server")
	if err != nil {
		return nil, err
	}
	config := []string{
		"bind " + r.host, "port " + strconv.Itoa(r.port), "dir " + r.dir, "protected-mode no", "daemonize no", "logfile ''",
	}
	command := []string{program}
	if watched := r.options.Watch; watched != nil {
		// A Sentinel writes down what it learns, in the file that it was started with.
		file := filepath.Join(r.dir, "sentinel.conf")
		config = append(config,
			fmt.Sprintf("sentinel monitor main %s %d 1", watched.host, watched.port),
			"sentinel down-after-milliseconds main 300", "sentinel failover-timeout main 3000")
		if err := writeOnce(file, strings.Join(append(config, r.options.Config...), "\n")+"\n"); err != nil {
			return nil, err
		}
		return append(command, file, "--sentinel"), nil
	}
	config = append(config, "appendonly yes", "appendfsync always", "repl-diskless-sync-delay 0")
	if primary := r.options.ReplicaOf; primary != nil {
		config = append(config, fmt.Sprintf("replicaof %s %d", primary.host, primary.port))
	}
	for _, line := range append(config, r.options.Config...) {
		name, value, _ := strings.Cut(line, " ")
		command = append(command, "--"+name)
		if name == "save" || name == "logfile" { // of which the value is one word, also when it is empty
			command = append(command, strings.Trim(value, `'"`))
			continue
		}
		command = append(command, strings.Fields(value)...)
	}
	return command, nil
}

// lookAny returns the first of these programs that the machine has.
func lookAny(programs ...string) (string, error) {
	var errs []error
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err == nil {
			return path, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// ready returns nil when the server answers commands: not while it loads its data.
func (r *Redis) ready(ctx context.Context) error {
	if len(r.options.Command) > 0 {
		return r.readyInside(ctx)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.Address())
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer := make([]byte, 128)
	n, err := conn.Read(answer)
	if err != nil {
		return err
	}
	if text := string(answer[:n]); !strings.HasPrefix(text, "+PONG") && !strings.HasPrefix(text, "-NOAUTH") {
		return errors.New(strings.TrimSpace(text))
	}
	return nil
}

// readyInside asks from where the server runs: the way there from outside may be closed.
func (r *Redis) readyInside(ctx context.Context) error {
	client, err := lookAny("redis-cli", "valkey-cli")
	if err != nil {
		return err
	}
	command := append(slices.Clone(r.options.Command), client, "-h", r.host, "-p", strconv.Itoa(r.port), "PING")
	answer, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	if text := string(answer); err == nil && !strings.HasPrefix(text, "PONG") && !strings.HasPrefix(text, "NOAUTH") {
		err = errors.New(strings.TrimSpace(text))
	}
	return err
}

// writeOnce writes a file that is not there yet, for who runs the servers.
func writeOnce(file, text string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return giveAway(file)
}
