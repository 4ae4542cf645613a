package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
)

// nginxConfig is what nginx does in deploy, with nothing else: see the file.
//
//go:embed nginx.conf
var nginxConfig string

// nginxParts are what the configuration of nginx speaks of: addresses.
type nginxParts struct {
	App   string // where it passes requests on to
	Alone string // where it listens, and asks nobody
	Doors []nginxDoor
}

// An nginxDoor is where it listens and asks somebody first.
type nginxDoor struct{ Name, Listens, Asks string }

// nginx measures what an app behind nginx loses when nginx asks about each request first.
func (b *bench) nginx(ctx context.Context) (err error) {
	var started []*child
	defer func() {
		for i := range started { // nginx first, which keeps connections to the others
			err = errors.Join(err, started[len(started)-1-i].stop())
		}
	}()
	servers, err := b.startProducts(ctx, loggedProduct)
	started = append(started, servers...)
	if err != nil {
		return err
	}
	handstamp := servers[0]
	known, err := signIn(ctx, handstamp)
	if err != nil {
		return err
	}
	verdict, _, err := answerOf(ctx, handstamp, verifyRequest(known.cookie))
	if err != nil {
		return err
	}
	nobody, err := b.startReplay(ctx, verdict)
	if err != nil {
		return err
	}
	started = append(started, nobody)
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	app, err := start(ctx, bareServer, filepath.Join(b.folder, "app.log"), exec.Command(self, "-serve", bareServer))
	if err != nil {
		return err
	}
	started = append(started, app)
	parts := nginxParts{App: app.address, Doors: []nginxDoor{
		{Name: "nobody", Asks: nobody.address}, {Name: "handstamp", Asks: handstamp.address},
	}}
	nginx, err := b.startNginx(ctx, &parts)
	if err != nil {
		return err
	}
	started = append(started, nginx)

	var loads []*load
	for _, way := range []struct{ name, address string }{
		{"nginx alone", parts.Alone}, {"nginx, asking a bare handler", parts.Doors[0].Listens}, {"nginx, asking /verify", parts.Doors[1].Listens},
	} {
		at := *nginx
		at.name, at.address = way.name, way.address
		request := "GET /orders?page=2 HTTP/1.1\r\nHost: app.example.com\r\nAccept: text/html\r\n" + known.cookie + "\r\n\r\n"
		_, size, err := answerOf(ctx, &at, request)
		if err != nil {
			return err
		}
		l, err := dial(ctx, way.name, &at, request, size)
		if err != nil {
			return err
		}
		defer l.close()
		loads = append(loads, l)
	}
	if err := b.inTurns(ctx, loads); err != nil {
		return err
	}
	t := b.table("Behind nginx: with auth_request to /verify of handstamp serve, and without",
		fmt.Sprintf("An app that sends %d bytes, over loopback to %d connections that stay open and are never idle. Connections behind nginx stay open, too.\n"+
			"The bare handler sends what /verify sends: that row is what nginx itself takes to ask.", len(sampleBody), clients),
		"server", "requests/s", "of nginx alone", "of asking a bare handler", "p50 µs", "p99 µs")
	for _, l := range loads {
		t.row(l.name, l.rates.show(whole), l.rates.over(loads[0].rates).show(ratio), l.rates.over(loads[1].rates).show(ratio),
			whole(percentile(l.times, 0.5)), whole(percentile(l.times, 0.99)))
	}
	return t.end()
}

// startNginx starts nginx on addresses that it notes in parts.
func (b *bench) startNginx(ctx context.Context, parts *nginxParts) (*child, error) {
	path, err := exec.LookPath("nginx")
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/nginx") // which is not in everybody's PATH
	}
	if err != nil {
		return nil, fmt.Errorf("find nginx, which this table needs (apt-get install nginx-light): %w", err)
	}
	for _, address := range []*string{&parts.Alone, &parts.Doors[0].Listens, &parts.Doors[1].Listens} {
		if *address, err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	folder := filepath.Join(b.folder, "nginx")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, fmt.Errorf("configure nginx: %w", err)
	}
	file, err := os.Create(filepath.Join(folder, "nginx.conf"))
	if err != nil {
		return nil, fmt.Errorf("configure nginx: %w", err)
	}
	err = template.Must(template.New("nginx.conf").Parse(nginxConfig)).Execute(file, parts)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("configure nginx: %w", err)
	}
	return startAt(ctx, "nginx", folder+".log", parts.Alone, "/", exec.Command(path, "-p", folder, "-e", "stderr", "-c", "nginx.conf"))
}
