package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The product as the tables about cookies and bearer tokens compare it.
const (
	libraryServer = "library, no access log"
	quietProduct  = "serve, no access log"
	loggedProduct = "serve"
)

// verifyRequest is what nginx asks for a browser, with deploy's configuration.
func verifyRequest(credential string) string {
	return "GET /verify HTTP/1.1\r\n" +
		"Host: app.example.com\r\n" +
		"X-Forwarded-For: 203.0.113.7\r\n" +
		"X-Original-Method: GET\r\n" +
		"X-Original-Proto: https\r\n" +
		"X-Original-Host: app.example.com\r\n" +
		"X-Original-URI: /orders?page=2\r\n" +
		"Accept: text/html\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
		credential + "\r\n\r\n"
}

// meRequest is what a program asks for.
func meRequest(credential string) string {
	return "GET " + mePath + " HTTP/1.1\r\n" +
		"Host: " + publicHost + "\r\n" +
		"Accept: */*\r\n" +
		credential + "\r\n\r\n"
}

// verify measures what a proxy waits for with each request.
func (b *bench) verify(ctx context.Context) error {
	return b.door(ctx, "Forward-auth: GET /verify", verifyRequest, 0.85)
}

// door compares the product, asked with a cookie and with a bearer token, with a bare handler that is asked the same
// and sends the same. aim is which part of the bare handler's requests it should answer; zero for no such aim.
func (b *bench) door(ctx context.Context, title string, request func(credential string) string, aim float64) (err error) {
	servers, err := b.startProducts(ctx, libraryServer, quietProduct, loggedProduct)
	defer func() {
		for _, c := range servers {
			err = errors.Join(err, c.stop())
		}
	}()
	if err != nil {
		return err
	}
	var loads []*load
	defer func() {
		for _, l := range loads {
			l.close()
		}
	}()
	for i, c := range servers {
		known, err := signIn(ctx, c)
		if err != nil {
			return err
		}
		answer, size, err := answerOf(ctx, c, request(known.cookie))
		if err != nil {
			return err
		}
		if i == 0 {
			bare, err := b.startReplay(ctx, answer)
			if err != nil {
				return err
			}
			servers = append(servers, bare)
			if loads, err = dialBoth(ctx, loads, bare, known, request, size); err != nil {
				return err
			}
		}
		if size != loads[0].size {
			return fmt.Errorf("%s does not send %d bytes, as others do, but:\n%s", c.name, loads[0].size, answer)
		}
		if loads, err = dialBoth(ctx, loads, c, known, request, size); err != nil {
			return err
		}
	}
	if err := b.inTurns(ctx, loads); err != nil {
		return err
	}
	t := b.table(title, fmt.Sprintf("The same %d bytes from each server, over loopback to %d connections that stay open and are never idle.\n"+
		"A server is compared with the bare handler that is asked in the same way.", loads[0].size, clients),
		loadColumns...)
	for i, l := range loads {
		l.row(t, loads[i%2])
	}
	if err := t.end(); err != nil {
		return err
	}
	for i, l := range loads {
		if bare := loads[i%2]; l != bare && aim > 0 {
			got := l.rates.over(bare.rates).median()
			b.target(got >= aim, "%s at least %s of bare: %s (by CPU time %s)", l.name, ratio(aim), ratio(got), ratio(bare.cost()/l.cost()))
		}
	}
	return nil
}

// dialBoth adds two loads of c, which differ in what proves who is asking.
func dialBoth(ctx context.Context, loads []*load, c *child, known credentials, request func(string) string, size int) ([]*load, error) {
	for _, by := range []struct{ name, credential string }{{"cookie", known.cookie}, {"bearer", known.bearer}} {
		l, err := dial(ctx, c.name+", "+by.name, c, request(by.credential), size)
		if err != nil {
			return loads, err
		}
		loads = append(loads, l)
	}
	return loads, nil
}

// startProducts starts the product in these shapes, each with a database of its own. It returns those that it has
// started also when it fails.
func (b *bench) startProducts(ctx context.Context, names ...string) ([]*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	binary, err := b.makeBinary(ctx)
	if err != nil {
		return nil, err
	}
	var servers []*child
	for _, name := range names {
		folder, err := os.MkdirTemp(b.folder, "door")
		if err != nil {
			return servers, fmt.Errorf("make a folder for a database: %w", err)
		}
		if err := makeOwner(ctx, folder); err != nil {
			return servers, err
		}
		var c *child
		if name == libraryServer {
			c, err = start(ctx, name, folder+".log", exec.Command(self, "-serve", name, "-data", folder))
		} else {
			level := "info"
			if name == quietProduct {
				level = "warn"
			}
			c, _, err = b.startProduct(ctx, binary, folder, "HANDSTAMP_PUBLIC_URL="+publicURL, "HANDSTAMP_LOG_LEVEL="+level)
		}
		if err != nil {
			return servers, err
		}
		c.name = name
		servers = append(servers, c)
	}
	return servers, nil
}

// startReplay starts a server that sends an answer which was seen before.
func (b *bench) startReplay(ctx context.Context, answer []byte) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	folder, err := os.MkdirTemp(b.folder, "replay")
	if err != nil {
		return nil, fmt.Errorf("make a folder for an answer: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, replayFile), answer, 0o600); err != nil {
		return nil, fmt.Errorf("keep an answer: %w", err)
	}
	return start(ctx, bareServer, folder+".log", exec.Command(self, "-serve", replayServer, "-data", folder))
}
