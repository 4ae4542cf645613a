package program

import (
	"flag"
	"fmt"
	"os"
	"strconv"

	"go.uber.org/goleak"
)

// Run runs the tests of a suite, which m is, and returns the exit status of the process. The flags are
// parsed then. First, prepare is given a folder for what the suite builds and keeps, which goes when the
// tests have ended. Its name is short, because the path of a socket, which that of a data folder begins,
// is limited to about a hundred bytes; t.TempDir puts the name of the test in it.
//
// Up to parallel tests run at once unless the command line says otherwise; 0 is one for each processor.
// Most black-box tests wait, for a process to start or a session to expire, so that this would leave the
// processors idle.
//
// A goroutine that is left over fails the suite, but for those that may be.
func Run(m interface{ Run() int }, parallel int, prepare func(scratch string) error, may ...goleak.Option) int {
	flag.Parse()
	code, err := run(m, parallel, prepare)
	if err == nil && code == 0 {
		err = goleak.Find(may...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(m interface{ Run() int }, parallel int, prepare func(scratch string) error) (int, error) {
	if parallel > 0 {
		if err := setParallel(parallel); err != nil {
			return 1, err
		}
	}
	scratch, err := os.MkdirTemp("", "hs")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(scratch)
	if err := prepare(scratch); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// setParallel does nothing where the command line, which has been parsed, has said how many.
func setParallel(n int) error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(n))
}
