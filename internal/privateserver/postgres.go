//go:build linux

package privateserver

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// A PostgresConfig says how a Postgres is to run. The zero value is a server for tests.
type PostgresConfig struct {
	// Durable makes commits wait for the disk. Without it they survive the end of the server's process all the same, but not
	// that of the machine.
	Durable bool

	Listen  []string          // addresses; 127.0.0.1 if empty. The first one is that of URL.
	Port    int               // a free one if zero
	Options map[string]string // of postgresql.conf

	// Command stands before the server's own, such as "ip", "netns", "exec", "db". It is run as whoever runs the tests.
	Command []string
}

// A Postgres is a PostgreSQL server with a role "handstamp", which is no superuser. Its methods are not safe for
// concurrent use, except for NewDatabase and NewSchema.
type Postgres struct {
	config  PostgresConfig
	bin     string
	folder  string // with the data and the socket
	process *process

	names atomic.Int32 // of databases and schemas
}

// rolePassword is what the role "handstamp" proves itself with. It has characters that a URL has to escape.
const rolePassword = "pass:w@rd/1"

// StartPostgres starts a new server, which is stopped and removed at the end of the test.
func StartPostgres(tb TB, config PostgresConfig) *Postgres {
	tb.Helper()
	p := newPostgres(tb, config)
	if err := p.initdb(); err != nil {
		tb.Fatalf("start PostgreSQL: %v", err)
	}
	p.Start(tb)
	p.SQL(tb, `CREATE ROLE handstamp LOGIN REPLICATION PASSWORD '`+rolePassword+`'`)
	return p
}

// newPostgres returns a server that has no data yet, and is removed at the end of the test.
func newPostgres(tb TB, config PostgresConfig) *Postgres {
	tb.Helper()
	p := &Postgres{config: config}
	tb.Cleanup(func() {
		p.Kill() // nothing of its data is needed any more
		_ = os.RemoveAll(p.folder)
	})
	if err := p.prepare(); err != nil {
		tb.Fatalf("start PostgreSQL: %v", err)
	}
	return p
}

// prepare finds what is needed to run the server.
func (p *Postgres) prepare() error {
	if len(p.config.Listen) == 0 {
		p.config.Listen = []string{"127.0.0.1"}
	}
	if p.config.Port == 0 {
		port, err := freePort()
		if err != nil {
			return err
		}
		p.config.Port = port
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return fmt.Errorf("there is none in /usr/lib/postgresql: make deps installs it")
	}
	p.bin = slices.MaxFunc(found, func(a, b string) int { return versionOf(a) - versionOf(b) })
	// Not the test's own folder: the name of a socket may have no more than 107 bytes.
	if p.folder, err = os.MkdirTemp("", "postgres-"); err != nil {
		return err
	}
	return giveAway(p.folder)
}

func (p *Postgres) initdb() error {
	return p.run("initdb", "-D", p.data(), "-U", "postgres", "--no-sync", "--no-instructions",
		"--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256")
}

func versionOf(bin string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return version
}

func (p *Postgres) data() string { return filepath.Join(p.folder, "data") }

// run runs one of the server's own programs to its end.
func (p *Postgres) run(program string, args ...string) error {
	cmd := exec.Command(filepath.Join(p.bin, program), args...)
	cmd.Dir = p.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: unprivileged()}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out))
	}
	return nil
}

// Start starts the server again, after Stop or Kill, and returns when it answers.
func (p *Postgres) Start(tb TB) {
	tb.Helper()
	options := map[string]string{
		"listen_addresses":        strings.Join(p.config.Listen, ","),
		"port":                    strconv.Itoa(p.config.Port),
		"unix_socket_directories": p.folder,
		"max_connections":         "200",
		"shared_buffers":          "16MB",
	}
	if !p.config.Durable {
		options["fsync"] = "off"
	}
	maps.Copy(options, p.config.Options)
	command := []string{filepath.Join(p.bin, "postgres"), "-D", p.data()}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		command = append(command, "-c", name+"="+options[name])
	}
	ready := func(context.Context) error {
		return p.run("pg_isready", "-q", "-h", p.folder, "-p", strconv.Itoa(p.config.Port))
	}
	process, err := startBehind(p.config.Command, p.folder, nil, command, ready)
	if err != nil {
		tb.Fatalf("start PostgreSQL: %v", err)
	}
	p.process = process
}

// Stop stops the server as an operator would: it ends its connections and leaves everything on the disk.
func (p *Postgres) Stop() { p.end(syscall.SIGINT) }

// Kill ends the server and all that belongs to it by SIGKILL, as a lost machine would.
func (p *Postgres) Kill() { p.end(syscall.SIGKILL) }

func (p *Postgres) end(s syscall.Signal) {
	if p.process == nil {
		return
	}
	children := p.process.children()
	p.process.signal(s)
	if s == syscall.SIGKILL {
		for _, pid := range children { // each is in a process group of its own
			_ = syscall.Kill(pid, s)
		}
	}
	p.process = nil
}

// children returns the processes that this one has started.
func (p *process) children() (pids []int) {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", p.cmd.Process.Pid))
	for _, field := range strings.Fields(string(list)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// SQL runs statements as the superuser in the database "postgres" and returns what they answer, a line for each row.
func (p *Postgres) SQL(tb TB, text string) string {
	tb.Helper()
	out, err := p.psql("postgres", text)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return out
}

// psql asks through the socket, which no network can cut off.
func (p *Postgres) psql(database, text string) (string, error) {
	cmd := exec.Command(filepath.Join(p.bin, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1",
		"-h", p.folder, "-p", strconv.Itoa(p.config.Port), "-U", "postgres", "-d", database, "-c", text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("psql: %w: %s", err, bytes.TrimSpace(out))
	}
	return string(bytes.TrimSpace(out)), nil
}

// NewDatabase makes an empty database and returns its URL.
func (p *Postgres) NewDatabase(tb TB) string {
	tb.Helper()
	name := fmt.Sprintf("test_%d", p.names.Add(1))
	p.SQL(tb, `CREATE DATABASE `+name+` OWNER handstamp`)
	return p.URL(name)
}

// NewSchema makes an empty schema, which costs much less than a database and is one for all that a Store does, and returns the URL that leads
// to it.
func (p *Postgres) NewSchema(tb TB) string {
	tb.Helper()
	name := fmt.Sprintf("test_%d", p.names.Add(1))
	p.SQL(tb, `CREATE SCHEMA `+name+` AUTHORIZATION handstamp`)
	return p.URL("postgres") + "&search_path=" + name
}

// URL returns where a database is, for the role "handstamp".
func (p *Postgres) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("handstamp", rolePassword),
		Host:     net.JoinHostPort(p.config.Listen[0], strconv.Itoa(p.config.Port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}
