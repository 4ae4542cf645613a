package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A child is a server in a process of its own.
type child struct {
	name    string
	address string
	log     string // the file that takes its standard error
	command *exec.Cmd
}

// startTimeout is how long a child may take until it listens.
const startTimeout = 20 * time.Second

// launch runs a server whose standard error goes to a file.
func launch(name, log string, command *exec.Cmd) (*child, error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer file.Close()
	command.Stderr = file
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return &child{name: name, log: log, command: command}, nil
}

// start launches a server that prints where it listens, and waits until it does.
func start(ctx context.Context, name, log string, command *exec.Cmd) (*child, error) {
	c, err := launch(name, log, command)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(startTimeout); ctx.Err() == nil && time.Now().Before(deadline); {
		text, err := os.ReadFile(log)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), c.stop())
		}
		if address, ok := addressIn(string(text)); ok {
			c.address = address
			return c, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, c.silent()
}

// startAt launches a server that was told where to listen, and waits until it answers a question.
func startAt(ctx context.Context, name, log, address, path string, command *exec.Cmd) (*child, error) {
	c, err := launch(name, log, command)
	if err != nil {
		return nil, err
	}
	c.address = address
	for deadline := time.Now().Add(startTimeout); ctx.Err() == nil && time.Now().Before(deadline); {
		if c.answers(path) {
			return c, nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, c.silent()
}

// answers reports whether something answers, whatever it is.
func (c *child) answers(path string) bool {
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return false
	}
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: "+c.address+"\r\n\r\n")
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, len(okLine)))
	}
	return err == nil
}

// silent stops a server that does not answer, and returns what it has said.
func (c *child) silent() error {
	text, _ := os.ReadFile(c.log)
	return errors.Join(fmt.Errorf("%s does not listen; it says: %s", c.name, bytes.TrimSpace(text)), c.stop())
}

// freeAddress returns where nobody listens now.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return address, nil
}

// addressIn returns the address in what a server prints when it listens.
func addressIn(log string) (string, bool) {
	_, rest, ok := strings.Cut(log, "listening on ")
	if !ok {
		return "", false
	}
	line, _, isWhole := strings.Cut(rest, "\n")
	address, _, _ := strings.Cut(line, " ")
	return strings.TrimPrefix(address, "http://"), isWhole
}

// stop lets the child finish, and waits for it.
func (c *child) stop() error {
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", c.name, err)
	}
	if err := c.command.Wait(); err != nil {
		return fmt.Errorf("stop %s: %w", c.name, err)
	}
	return nil
}

// cpu returns the CPU time that the child has taken so far.
func (c *child) cpu() time.Duration { return cpuOf(c.command.Process.Pid) }
