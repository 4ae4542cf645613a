package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// start runs a server whose standard error goes to a file, and waits until it listens.
func start(ctx context.Context, name, log string, command *exec.Cmd) (*child, error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer file.Close()
	command.Stderr = file
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c := &child{name: name, log: log, command: command}
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
	text, _ := os.ReadFile(log)
	return nil, errors.Join(fmt.Errorf("%s does not listen; it says: %s", name, bytes.TrimSpace(text)), c.stop())
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
