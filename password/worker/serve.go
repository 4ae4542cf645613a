package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/handstamp/handstamp/password"
)

// argument, alone, makes a program whose main calls Serve a worker.
const argument = "hash-worker"

// Serve makes this process a worker if it was started as one by a [Pool]. It returns true when its
// work is over, and false at once in any other process. Call it first thing in main.
func Serve() bool {
	if len(os.Args) != 2 || os.Args[1] != argument {
		return false
	}
	keepToItself()
	// One hash at a time, so one processor: the Pool has a worker for each of the others.
	runtime.GOMAXPROCS(1)
	if err := answerAll(os.Stdin, os.Stdout, &password.Local{CollectAlways: true}); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", argument, err)
		os.Exit(1)
	}
	return true
}

// answerAll answers requests until there are no more.
func answerAll(in io.Reader, out io.Writer, engine password.Engine) error {
	if err := writeFrame(out, []byte(hello)); err != nil {
		return err
	}
	buffer := make([]byte, 0, maxFrame)
	for {
		frame, err := readFrame(in, buffer)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		asked, err := parseRequest(frame)
		clear(frame) // it has held a password
		if err != nil {
			return err
		}
		if err := writeFrame(out, asked.answer(engine).encode()); err != nil {
			return err
		}
	}
}

// answer computes what was asked.
func (r request) answer(engine password.Engine) answer {
	ctx := context.Background() // the Pool has seen to it that somebody waits
	var a answer
	var err error
	switch r.kind {
	case kindHash:
		a.encoded, err = engine.Hash(ctx, r.plain, r.params)
	case kindVerify:
		a.verdict, err = engine.Verify(ctx, r.encoded, r.plain, r.params)
	}
	switch {
	case errors.Is(err, password.ErrFormat):
		return answer{status: statusFormat}
	case errors.Is(err, password.ErrCost):
		return answer{status: statusCost}
	case err != nil:
		return answer{status: statusFailed, failure: err.Error()}
	}
	return a
}
