package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// requests compares servers that send the same bytes, each in a process of its own.
func (b *bench) requests(ctx context.Context) (err error) {
	servers, err := b.startServers(ctx)
	defer func() {
		for _, c := range servers {
			err = errors.Join(err, c.stop())
		}
	}()
	if err != nil {
		return err
	}
	size, err := sameAnswer(ctx, servers)
	if err != nil {
		return err
	}
	var loads []*load
	for _, c := range servers {
		l, err := dial(ctx, c.name, c, sampleRequest, size)
		if err != nil {
			return err
		}
		defer l.close()
		loads = append(loads, l)
	}
	if err := b.inTurns(ctx, loads); err != nil {
		return err
	}

	t := b.table("Requests: GET /users/me by cookie",
		fmt.Sprintf("The same %d bytes from each server, over loopback to %d connections that stay open and are never idle.\n"+
			"The load generator shares the processors; the server's own CPU time is the sharper measure.", size, clients),
		loadColumns...)
	bare := loads[0]
	for _, l := range loads {
		l.row(t, bare)
	}
	if err := t.end(); err != nil {
		return err
	}
	got := loads[1].rates.over(bare.rates).median()
	b.target(got >= 0.9, "through the guard at least 0.90 of bare: %s (by CPU time %s)", ratio(got), ratio(bare.cost()/loads[1].cost()))
	return nil
}

// startServers starts every server with a database of its own. It returns those that it has
// started also when it fails.
func (b *bench) startServers(ctx context.Context) ([]*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	binary, err := b.buildServer(ctx)
	if err != nil {
		return nil, err
	}
	var servers []*child
	for _, name := range []string{bareServer, guardServer, quietServer, realServer} {
		short := strings.NewReplacer(" ", "-", "/", "-", ",", "").Replace(name)
		folder := filepath.Join(b.folder, short)
		if err := makeSample(ctx, folder); err != nil {
			return servers, err
		}
		// No CommandContext, which would kill the server: it is stopped as one stops a server.
		command := exec.Command(self, "-serve", name, "-data", folder)
		if b.profile != "" {
			command.Args = append(command.Args, "-cpu", filepath.Join(b.profile, short+".prof"))
		}
		if name == realServer {
			command = exec.Command(binary, "--data", folder, "classic")
			command.Env = append(os.Environ(), "API_HOST=127.0.0.1", "API_PORT=0",
				"AUTH_TYPE=session_db_auth", "SESSION_NAME="+cookieName, "SESSION_DURATION=3600")
		}
		c, err := start(ctx, name, filepath.Join(b.folder, short+".log"), command)
		if err != nil {
			return servers, err
		}
		servers = append(servers, c)
	}
	return servers, nil
}

// buildServer builds the real server and returns where it is.
func (b *bench) buildServer(ctx context.Context) (string, error) {
	root, err := sourceRoot(ctx)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(b.folder, "handstamp")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/handstamp")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, output)
	}
	return binary, nil
}

// sourceRoot returns the folder of the server's source.
func sourceRoot(ctx context.Context) (string, error) {
	const module = "github.com/handstamp/handstamp"
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("find the server's source (run this in the folder bench): %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}

// sameAnswer returns the size of the answer that all servers give, or an error when one of them
// does not send what the first one sends.
func sameAnswer(ctx context.Context, servers []*child) (int, error) {
	want, wantSize, err := answerOf(ctx, servers[0], sampleRequest)
	if err != nil {
		return 0, err
	}
	for _, c := range servers[1:] {
		got, size, err := answerOf(ctx, c, sampleRequest)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(got, want) || size != wantSize {
			return 0, fmt.Errorf("%s does not answer as %s does:\n%s\nbut\n%s", c.name, servers[0].name, got, want)
		}
	}
	return wantSize, nil
}
