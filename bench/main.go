// Command bench measures what a session costs, side by side with what it would cost to do
// without: a bare net/http handler that sends the same bytes, and bare argon2id.
//
// The numbers of two runs, let alone of two machines, compare badly. So what is compared here
// runs in one go, in turns, and the ratio is taken within each turn: what else the machine does
// meanwhile disturbs both sides alike. Of all turns the median is printed, and the quartiles
// beside it tell how far to trust it.
//
// A target that is missed is printed as such and is no failure: the exit code is 1 only when
// something could not be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/handstamp/handstamp/password/worker"
)

func main() {
	if worker.Serve() {
		return // a process of one of the servers
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// A bench is one run of all tables.
type bench struct {
	out     io.Writer
	folder  string // where databases and binaries go; removed at the end
	profile string // where CPU profiles go; empty for none
	effort  effort
	servers servers // of others
}

// An effort says how much is measured.
type effort struct {
	rounds   int           // turns, of which the median is taken
	turn     time.Duration // how long one side is measured in a turn
	users    int           // the large number of users and sessions in SQLite
	sessions []int         // numbers of sessions in memory
	logins   int           // logins in a turn
	tokens   int           // bearer tokens
	visitors int           // sessions that several nodes are asked about
	steady   time.Duration // how long it is counted what nodes ask the store
	misses   int           // sessions that are looked up for the first time in a turn
	revokes  int           // sessions that are revoked at another node
}

var (
	full = effort{
		rounds: 6, turn: time.Second, users: 100_000, sessions: []int{10, 100_000, 1_000_000}, logins: 64, tokens: 4_000,
		visitors: 3_000, steady: 12 * time.Second, misses: 1_000, revokes: 400,
	}
	quick = effort{
		rounds: 3, turn: 100 * time.Millisecond, users: 5_000, sessions: []int{10, 5_000}, logins: 16, tokens: 500,
		visitors: 200, steady: 500 * time.Millisecond, misses: 50, revokes: 10,
	}
)

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	isQuick := flags.Bool("quick", false, "a smoke test in a few seconds; its numbers are rough")
	only := flags.String("only", "", "measure one `table`: requests, handlers, verify, bearer, nginx, lookups, logins, floods, product, growth, begins, nodes, misses, revokes or shared")
	parent := flags.String("dir", "", "`folder` on the disk to measure (default: that of temporary files)")
	profile := flags.String("profile", "", "`folder` for CPU profiles of the servers of the first table")
	serve := flags.String("serve", "", "be the server of this `name`; bench starts itself with this")
	data := flags.String("data", "", "`folder` of the database, for -serve")
	cpu := flags.String("cpu", "", "`file` for a CPU profile, for -serve")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *serve != "" {
		return serveAs(ctx, *serve, *data, *cpu)
	}

	folder, err := os.MkdirTemp(*parent, "handstamp-bench-")
	if err != nil {
		return fmt.Errorf("make a folder for the databases: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	if *profile != "" {
		if err := os.MkdirAll(*profile, 0o700); err != nil {
			return fmt.Errorf("make a folder for the profiles: %w", err)
		}
	}
	b := &bench{out: out, folder: folder, profile: *profile, effort: full}
	defer b.servers.close()
	if *isQuick {
		b.effort = quick
	}
	start := time.Now()
	fmt.Fprintf(out, "%s %s/%s, GOMAXPROCS %d, databases in %s\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), folder)
	fmt.Fprintf(out, "%d rounds; median (first quartile to third)\n", b.effort.rounds)
	for _, table := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"requests", b.requests},
		{"handlers", b.handlers},
		{"verify", b.verify},
		{"bearer", b.bearer},
		{"nginx", b.nginx},
		{"lookups", b.lookups},
		{"logins", b.logins},
		{"floods", b.floods},
		{"product", b.product},
		{"growth", b.growth},
		{"begins", b.begins},
		{"nodes", b.nodes},
		{"misses", b.misses},
		{"revokes", b.revokes},
		{"shared", b.sharedLogins},
	} {
		if *only != "" && *only != table.name {
			continue
		}
		if err := table.measure(ctx); err != nil {
			return err
		}
		runtime.GC() // what one table has left behind is not the next one's load
	}
	fmt.Fprintf(out, "\ntook %v\n", time.Since(start).Round(time.Second))
	return ctx.Err()
}
