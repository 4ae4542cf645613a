package main

import (
	"fmt"
	"strings"
)

// A finding is what doctor says about one thing that it has looked at.
type finding struct {
	State findingState `json:"state"`
	About string       `json:"about"`
	Says  string       `json:"says"`
	Do    string       `json:"do,omitempty"` // what to type or to set
}

type findingState string

const (
	stateOK     findingState = "ok"
	stateWeak   findingState = "weak"   // it works, and is less safe than it could be, or not for long
	stateBroken findingState = "broken" // it does not work
)

// String returns the finding as one line.
func (f finding) String() string {
	line := fmt.Sprintf("%-6s  %s: %s", f.State, f.About, f.Says)
	if f.Do != "" {
		line += "; " + f.Do
	}
	return printable(line)
}

// findings are what doctor has found so far.
type findings []finding

func (f *findings) ok(about, format string, args ...any) {
	*f = append(*f, finding{State: stateOK, About: about, Says: fmt.Sprintf(format, args...)})
}

func (f *findings) weak(about, says, do string) {
	*f = append(*f, finding{stateWeak, about, says, do})
}

func (f *findings) broken(about, says, do string) {
	*f = append(*f, finding{stateBroken, about, says, do})
}

// count returns how many findings are of a state.
func (f findings) count(state findingState) int {
	n := 0
	for _, one := range f {
		if one.State == state {
			n++
		}
	}
	return n
}

// verdict returns an error unless everything is as it should be.
func (f findings) verdict() error {
	var parts []string
	for _, state := range []findingState{stateBroken, stateWeak} {
		if n := f.count(state); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("doctor: %s", strings.Join(parts, ", "))
}

// shellWord returns text as one word of a shell command.
func shellWord(text string) string {
	isPlain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("./_-:,+@%=", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !isPlain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
