// Package program builds the program that the black-box suites drive, from the sources that they stand
// beside, and runs those suites. It is all that they share with what they test.
package program

import (
	"fmt"
	"os/exec"
)

const (
	module = "github.com/handstamp/handstamp"
	path   = module + "/cmd/handstamp"
)

// RaceOptions is what GORACE says to a program that was built with the race detector: to end where there is
// a race, and not to wait for others for a second whenever it ends.
const RaceOptions = "halt_on_error=1 atexit_sleep_ms=10"

// A Variant is a way to build the program. The zero Variant is what people get.
type Variant struct {
	Race bool   // with the race detector
	Tags string // build tags, separated by commas

	// CheapPasswords has a password hash cost next to nothing: argon2id with the least memory that there
	// can be. It is for suites which are not about that cost, and which would otherwise spend most of the
	// program's time on it. Nothing else differs.
	CheapPasswords bool

	// WallClock gives the program a wall clock that [SetClock] sets apart from that of the machine, which
	// others need. It is for Linux. Nothing else differs.
	WallClock bool
}

// Build builds the program into a file.
func (v Variant) Build(file string) error {
	args := []string{"build", "-o", file}
	if v.Race {
		// But for argon2, which shares nothing and would take four times as long, and for SQLite, which is
		// C that was translated.
		args = append(args, "-race", "-gcflags=golang.org/x/crypto/argon2=-race=false", "-gcflags=modernc.org/...=-race=false")
	}
	if v.Tags != "" {
		args = append(args, "-tags", v.Tags)
	}
	if v.CheapPasswords || v.WallClock {
		overlay, err := v.overlay(file + ".overlay")
		if err != nil {
			return fmt.Errorf("change the sources: %w", err)
		}
		args = append(args, "-overlay", overlay)
	}
	said, err := exec.Command("go", append(args, path)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the program under test: %w\n%s", err, said)
	}
	return nil
}
