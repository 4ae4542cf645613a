// Command handstamp is the login and session server: settings and wiring, one file for each
// command. What it does stands in the packages that it wires together.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/handstamp/handstamp/password/worker"
	"github.com/handstamp/handstamp/server/operator"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks errors that are in what was typed or set, and not in what was found.
var errUsage = errors.New("usage")

// usagef returns an error that ends the program with exitUsage.
func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

type usageError struct{ error }

func (e *usageError) Unwrap() []error { return []error{e.error, errUsage} }

type cli struct {
	Data string `env:"HANDSTAMP_DATA" placeholder:"FOLDER" help:"Folder of the database, ./data if it is not given; servers, \"user add\" and \"import\" make it if it is not there."`

	Serve   serveCmd   `cmd:"" help:"Serve users and sessions: the product."`
	Backup  backupCmd  `cmd:"" help:"Write everything to a file, also beside a running server."`
	Classic classicCmd `cmd:"" help:"Serve the founding API, to the letter."`
	Demo    demoCmd    `cmd:"" help:"Serve made-up users to look around, on this machine only. Nothing is kept."`
	Doctor  doctorCmd  `cmd:"" help:"Say what is weak about an installation, and what to do."`
	Gate    gateCmd    `cmd:"" help:"Serve, and stand in front of one app as its reverse proxy."`
	Export  exportCmd  `cmd:"" help:"Print the users as JSON Lines, also beside a running server."`
	Import  struct {
		Flask importFlaskCmd `cmd:"" help:"Import the files of the founding Flask API."`
		PHP   importPHPCmd   `cmd:"" name:"php" help:"Import the sessions of a PHP site, so that nobody has to sign in again."`
		Users importUsersCmd `cmd:"" help:"Import a list of users, as JSON lines or CSV."`
	} `cmd:"" help:"Import users and sessions from elsewhere."`
	Restore restoreCmd `cmd:"" help:"Put a backup in the place of the database."`
	User    userCmd    `cmd:"" help:"Manage users, also beside a running server."`
	Session sessionCmd `cmd:"" help:"Manage who is signed in, also beside a running server."`
	Client  clientCmd  `cmd:"" help:"Manage the services that may ask about tokens, also beside a running server."`
	Key     keyCmd     `cmd:"" help:"Manage the keys that tokens are signed with, also beside a running server."`
	Outbox  outboxCmd  `cmd:"" help:"Look after events that could not be delivered, also beside a running server."`
	Audit   auditCmd   `cmd:"" help:"Show and check what was done, also beside a running server."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

const defaultData = "./data"

// terminal is where a command reads and writes.
type terminal struct {
	in       *os.File
	out, err io.Writer
}

func main() {
	if worker.Serve() {
		return // this process was one that hashes passwords for another
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// helpShown ends the parser where kong would end the program.
type helpShown struct{ code int }

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, t terminal) (code int) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case helpShown:
			code = cause.code
		default:
			panic(cause)
		}
	}()
	c := cli{Serve: serveCmd{newServeFlags()}, Gate: gateCmd{newServeFlags()}, Doctor: newDoctorCmd()}
	ctx = operator.AsOperator(ctx)
	parser, err := kong.New(&c,
		kong.Name("handstamp"),
		kong.Description("A login and session server. Show your ID once; every door after that only looks at the stamp."),
		kong.Writers(t.out, t.err),
		kong.Exit(func(code int) { panic(helpShown{code}) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t),
	)
	if err != nil {
		return complain(t, err)
	}
	for _, arg := range append(args, os.Getenv("HANDSTAMP_DATA")) {
		if !utf8.ValidString(arg) { // the parser would take it for something else
			return complain(t, usagef("%q is not UTF-8 text", arg))
		}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return complain(t, usagef("%w\nrun \"handstamp --help\" for what there is", err))
	}
	if err := command.Run(dataFolder(cmp.Or(c.Data, defaultData))); err != nil {
		return complain(t, err)
	}
	return 0
}

// complain prints err and returns the exit code for it.
func complain(t terminal, err error) int {
	fmt.Fprintf(t.err, "handstamp: %v\n", err)
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailed
}
