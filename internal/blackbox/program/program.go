// Package program builds the program that the black-box suites drive, from the sources that they stand
// beside. It is all that they share with what they test.
package program

import (
	"flag"
	"fmt"
	"os/exec"
	"strconv"
)

const path = "github.com/handstamp/handstamp/cmd/handstamp"

// RaceOptions is what GORACE says to a program that was built with the race detector: to end where there is
// a race, and not to wait for others for a second whenever it ends.
const RaceOptions = "halt_on_error=1 atexit_sleep_ms=10"

// Build builds the program into a file: with the race detector if race says so, and with the build tags
// that are not empty.
func Build(file string, race bool, tags string) error {
	args := []string{"build", "-o", file}
	if race {
		// But for argon2, which shares nothing and would take four times as long.
		args = append(args, "-race", "-gcflags=golang.org/x/crypto/argon2=-race=false")
	}
	if tags != "" {
		args = append(args, "-tags", tags)
	}
	said, err := exec.Command("go", append(args, path)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the program under test: %w\n%s", err, said)
	}
	return nil
}

// SetParallel lets n tests run at once unless the command line, which has been parsed, says otherwise. Most
// black-box tests wait, for a process to start or a session to expire, so that one for each processor would
// leave the processors idle.
func SetParallel(n int) error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(n))
}
