package chaos_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/blackbox/program"
	"github.com/handstamp/handstamp/internal/netns"
)

var (
	rounds = flag.Int("chaos.rounds", 0, "rounds of faults in each test; 0 has each kind of fault once in one of them")
	seed   = flag.Uint64("chaos.seed", 0, "of the order and the length of faults; 0 takes another one each time")
	only   = flag.String("chaos.only", "", "a regular expression for the names of the faults that there are")
	clocks = flag.Bool("chaos.clocks", false, "set clocks, too, for which everything is built anew")
	given  = flag.String("chaos.binary", "", "the program under test, in place of one that is built")

	// binary is the program under test, with the race detector if the tests have it.
	binary string
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // which has to need nothing
		os.Exit(0)
	}
	netns.Enter()
	os.Exit(program.Run(m, 3, func(scratch string) error {
		if binary = *given; binary != "" {
			return nil
		}
		binary = filepath.Join(scratch, "handstamp")
		return program.Variant{Race: program.Race, CheapPasswords: true, WallClock: *clocks}.Build(binary)
	},
		// A slow link stays one until the process ends.
		goleak.IgnoreAnyFunction("github.com/handstamp/handstamp/internal/netns.(*delay).take"),
		goleak.IgnoreAnyFunction("github.com/handstamp/handstamp/internal/netns.(*delay).giveBack")))
}
