package worker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

const (
	// helloTimeout is how long a new process may take to say hello.
	helloTimeout = 10 * time.Second
	// answerTimeout is how long a hash may take. The costliest one that package password
	// allows takes about a second on a processor of its own, and ten where a worker gets what
	// the server leaves.
	answerTimeout = 30 * time.Second
	// endTimeout is how long a process may take to end when there is nothing to do.
	endTimeout = 5 * time.Second
)

// A process is one worker, seen from the server.
type process struct {
	command *exec.Cmd
	in, out *os.File      // the server's ends of its standard input and output
	ended   chan struct{} // closed when the process is no more
	buffer  []byte
}

// start starts command as a worker and waits until it says hello.
func start(command *exec.Cmd) (*process, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close()
	out, theirOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer theirOut.Close()
	command.Stdin, command.Stdout = theirIn, theirOut
	p := &process{command: command, in: in, out: out, ended: make(chan struct{}), buffer: make([]byte, 0, maxFrame)}
	if err := command.Start(); err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	go func() {
		_ = command.Wait() // however it ended
		close(p.ended)
	}()
	// Not with these open: the server would not see the end of the process.
	theirIn.Close()
	theirOut.Close()
	if err := p.greet(); err != nil {
		p.kill()
		return nil, fmt.Errorf("it does not say hello: %w", err)
	}
	return p, nil
}

func (p *process) greet() error {
	if err := p.out.SetReadDeadline(time.Now().Add(helloTimeout)); err != nil {
		return err
	}
	said, err := readFrame(p.out, p.buffer)
	if err == nil && string(said) != hello {
		return errors.New("it speaks another language")
	}
	return err
}

// ask sends a request and waits for the answer. After an error the process is of no more use.
func (p *process) ask(r request) (answer, error) {
	deadline := time.Now().Add(answerTimeout)
	if err := errors.Join(p.in.SetWriteDeadline(deadline), p.out.SetReadDeadline(deadline)); err != nil {
		return answer{}, err
	}
	payload := r.encode()
	defer clear(payload)
	if err := writeFrame(p.in, payload); err != nil {
		return answer{}, err
	}
	frame, err := readFrame(p.out, p.buffer)
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(frame)
}

// end lets the process end, and waits for that.
func (p *process) end() {
	p.in.Close()
	late := time.AfterFunc(endTimeout, func() { _ = p.command.Process.Kill() })
	<-p.ended
	late.Stop()
	p.out.Close()
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.command.Process.Kill() // or it has ended
	p.end()
}
