package importer

import (
	"fmt"
	"strings"
)

// maxProblems is how many problems are told one by one.
const maxProblems = 20

// Problems are what is wrong with a list, line by line. As an error it wraps [ErrFormat]. It holds no
// secret.
type Problems struct {
	First []Problem // in the order of the list, 20 at most
	Count int       // how many there are
}

// A Problem is something that is wrong in one line.
type Problem struct {
	Line   int // where the user, or the list, begins; the first line is 1
	Reason string
}

// Error implements error. There is a line for each problem.
func (p *Problems) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%v, problems: %d", ErrFormat, p.Count)
	for _, problem := range p.First {
		fmt.Fprintf(&text, "\n  line %d: %s", problem.Line, problem.Reason)
	}
	if more := p.Count - len(p.First); more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return text.String()
}

// Unwrap returns [ErrFormat].
func (p *Problems) Unwrap() error { return ErrFormat }

func (p *Problems) add(line int, format string, args ...any) {
	p.Count++
	if len(p.First) < maxProblems {
		p.First = append(p.First, Problem{line, fmt.Sprintf(format, args...)})
	}
}
