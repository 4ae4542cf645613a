package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/settings"
)

type demoCmd struct {
	Listen string `placeholder:"HOST:PORT" help:"Address of this machine to listen on. Default: 127.0.0.1:5000, or a free port where that one is taken."`
}

// Help implements kong's HelpProvider.
func (demoCmd) Help() string {
	return "Three people are made up, and their passwords with them, which are printed once. When the demo ends, with Ctrl-C, all is gone: " +
		"nothing is written to the disk. No settings are read, from nowhere.\n\nExample:\n\n  handstamp demo"
}

// Run implements the command.
func (c demoCmd) Run(ctx context.Context, parsed *kong.Context, t terminal) (err error) {
	if settings.Given(parsed)["data"] != nil {
		return usagef("--data: a demo keeps nothing")
	}
	listener, err := c.listen(ctx, t)
	if err != nil {
		return err
	}
	defer listener.Close()
	address := publicAddress(listener.Addr())
	loaded, err := serveTable.Load(settings.Sources{Flags: map[string][]string{ // and no environment and no file
		"store": {string(storeMemory)}, "listen": {listener.Addr().String()}, "public-url": {address}, "log-level": {"warn"},
	}})
	if err == nil {
		err = checkServeSettings(&loaded)
	}
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // who closes the terminal has seen enough
	defer stop()
	s, endLog := newService(t, &loaded.Values)
	defer endLog()
	s.isFixed = true
	if err := s.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	people := demoPeople()
	if err := addAll(ctx, s.people, people); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	if err := s.rebuild(); err != nil {
		return err
	}
	if err := introduce(t, address, people); err != nil {
		return err
	}
	return s.run(ctx, listener, nil)
}

const demoListen = settings.Address("127.0.0.1:5000")

// listen listens where nobody else can come: a demo is for whoever sees the passwords in this terminal.
func (c demoCmd) listen(ctx context.Context, t terminal) (net.Listener, error) {
	var where settings.Address
	if err := where.UnmarshalText([]byte(cmp.Or(c.Listen, string(demoListen)))); err != nil || !where.IsLoopback() {
		return nil, errDemoListen(c.Listen)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, where.Network(), string(where))
	if err != nil && c.Listen == "" {
		fmt.Fprintf(t.err, "handstamp: %s is taken, so here is a free port instead\n", where)
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen (--listen says where): %w", err)
	}
	if !isLoopback(listener.Addr()) { // this machine has another idea of that name
		return nil, errors.Join(errDemoListen(c.Listen), listener.Close())
	}
	return listener, nil
}

func errDemoListen(where string) error {
	return usagef("--listen is %q, and a demo listens on an address that only this machine can reach, such as %s, [::1]:5000 or localhost:5000",
		where, demoListen)
}

func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// publicAddress returns what to type into a browser to get to a loopback address.
func publicAddress(address net.Addr) string {
	host, port, _ := net.SplitHostPort(address.String())
	if host == "127.0.0.1" {
		host = "localhost"
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}).String()
}

// A demoPerson is somebody who exists for one run.
type demoPerson struct {
	account.Details
	who string
}

func demoPeople() []demoPerson {
	person := func(who, first, last, role string) demoPerson {
		return demoPerson{who: who, Details: account.Details{
			Email: strings.ToLower(first) + "@example.com", FirstName: &first, LastName: &last, Role: role, Password: demoPassword(),
		}}
	}
	return []demoPerson{
		person("Ada Lovelace, an administrator", "Ada", "Lovelace", adminRole),
		person("Grace Hopper, a user", "Grace", "Hopper", userRole),
		person("a user with a long name", "Wilhelmina", "Konstantinopolitanska-Featherstonehaugh van den Bergh", userRole),
	}
}

// A demoPassword is typed from one window into another, so it has no letters and digits that look alike. Each
// of the 31 that are left gives almost 5 bits, which makes 99.
const (
	demoLetters = "abcdefghjkmnpqrstuvwxyz23456789"
	demoGroups  = 4
	demoGroup   = 5
)

func demoPassword() string {
	var plain strings.Builder
	for i := range demoGroups * demoGroup {
		if i > 0 && i%demoGroup == 0 {
			plain.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(demoLetters))))
		if err != nil { // which rand.Reader never returns
			panic(err)
		}
		plain.WriteByte(demoLetters[n.Int64()])
	}
	return plain.String()
}

// addAll makes users at once, as hashing is what takes its time.
func addAll(ctx context.Context, to *account.Directory, people []demoPerson) error {
	errs := make([]error, len(people))
	var all sync.WaitGroup
	for i, person := range people {
		all.Go(func() { _, errs[i] = to.Create(ctx, person.Details) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// introduce prints where to go and with which password, to where no log goes.
func introduce(t terminal, address string, people []demoPerson) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "Open %s/ and sign in:\n\n", address)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, person := range people {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", person.Email, person.Password, person.who)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprint(&text, "\nOnly this machine can get there. Ctrl-C ends the demo, and nothing of it is left.\n")
	_, err := t.out.Write(text.Bytes())
	return err
}
