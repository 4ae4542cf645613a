package badday_test

import (
	"bytes"
	"fmt"
	"sync"
)

// An output collects the standard error of a server and tells where it listens.
type output struct {
	listening chan string

	mu   sync.Mutex
	text bytes.Buffer
	from int // where the present run begins
	told bool
}

func newOutput() *output { return &output{listening: make(chan string, 1)} }

func (o *output) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.from, o.told = o.text.Len(), false
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if o.told {
		return len(p), nil
	}
	// Only whole lines: a port that is cut in two would be another port.
	text := o.text.Bytes()[o.from:]
	if match := listeningLine.FindSubmatch(text[:bytes.LastIndexByte(text, '\n')+1]); match != nil {
		o.told = true
		o.listening <- string(match[1])
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// tail returns the end of a long text.
func tail(text string) string {
	const most = 8 << 10
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("… (%d bytes before)\n%s", len(text)-most, text[len(text)-most:])
}
