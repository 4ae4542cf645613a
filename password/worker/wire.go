package worker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/handstamp/handstamp/password"
)

// What goes over a pipe is frames: the length in four bytes, the highest first as in all numbers
// here, and as many bytes. First a worker says hello; then each request has one answer.

// hello is the first frame of a worker. The number is the version of all that follows: the server's
// file may have been replaced by a newer one while it runs.
const hello = "handstamp hash worker 1"

// maxFrame is the longest frame, in bytes: the longest password and the longest hash fit.
const maxFrame = requestHead + password.MaxEncoded + password.MaxBytes + 64

var errFrame = errors.New("malformed frame")

// writeFrame writes a frame at once.
func writeFrame(w io.Writer, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("%w: %d bytes", errFrame, len(payload))
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(payload)), uint32(len(payload)))
	frame = append(frame, payload...)
	_, err := w.Write(frame)
	clear(frame)
	return err
}

// readFrame reads a frame into buffer, which has room for every one. It returns [io.EOF] only where
// no frame has begun.
func readFrame(r io.Reader, buffer []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > maxFrame {
		return nil, fmt.Errorf("%w: %d bytes", errFrame, length)
	}
	payload := buffer[:length]
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, fmt.Errorf("%w: %w", errFrame, io.ErrUnexpectedEOF)
	}
	return payload, nil
}

// A request is one call of an Engine.
type request struct {
	kind           byte
	params         password.Params
	encoded, plain string
}

const (
	kindHash   = 'h'
	kindVerify = 'v'
)

// requestHead is how many bytes stand before encoded and plain: the kind, the Params and the length
// of encoded.
const requestHead = 1 + 4 + 4 + 1 + 2

func (r request) encode() []byte {
	b := make([]byte, 0, requestHead+len(r.encoded)+len(r.plain))
	b = append(b, r.kind)
	b = binary.BigEndian.AppendUint32(b, r.params.MemoryKiB)
	b = binary.BigEndian.AppendUint32(b, r.params.Passes)
	b = append(b, r.params.Lanes)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.encoded)))
	b = append(b, r.encoded...)
	return append(b, r.plain...)
}

func parseRequest(b []byte) (request, error) {
	if len(b) < requestHead {
		return request{}, fmt.Errorf("%w: request", errFrame)
	}
	r := request{kind: b[0], params: password.Params{
		MemoryKiB: binary.BigEndian.Uint32(b[1:]),
		Passes:    binary.BigEndian.Uint32(b[5:]),
		Lanes:     b[9],
	}}
	length, rest := int(binary.BigEndian.Uint16(b[10:])), b[requestHead:]
	if r.kind != kindHash && r.kind != kindVerify || length > len(rest) {
		return request{}, fmt.Errorf("%w: request", errFrame)
	}
	r.encoded, r.plain = string(rest[:length]), string(rest[length:])
	return r, nil
}

// An answer is what an Engine has returned. What does not belong to the request is zero.
type answer struct {
	status  byte
	verdict password.Verdict
	encoded string // with statusDone
	failure string // with statusFailed
}

const (
	statusDone   = iota
	statusFormat // password.ErrFormat
	statusCost   // password.ErrCost
	statusFailed // any other error
	statuses
)

const (
	bitOK = 1 << iota
	bitNeedsRehash
	bits
)

func (a answer) encode() []byte {
	var verdict byte
	if a.verdict.OK {
		verdict |= bitOK
	}
	if a.verdict.NeedsRehash {
		verdict |= bitNeedsRehash
	}
	// An error's text is cut rather than refused.
	text := a.encoded + a.failure
	return append([]byte{a.status, verdict}, text[:min(len(text), password.MaxEncoded)]...)
}

func parseAnswer(b []byte) (answer, error) {
	if len(b) < 2 || b[0] >= statuses || b[1] >= bits {
		return answer{}, fmt.Errorf("%w: answer", errFrame)
	}
	a := answer{status: b[0], verdict: password.Verdict{OK: b[1]&bitOK != 0, NeedsRehash: b[1]&bitNeedsRehash != 0}}
	switch a.status {
	case statusDone:
		a.encoded = string(b[2:])
	case statusFailed:
		a.failure = string(b[2:])
	}
	return a, nil
}

// err returns the error that the Engine has returned.
func (a answer) err() error {
	switch a.status {
	case statusDone:
		return nil
	case statusFormat:
		return password.ErrFormat
	case statusCost:
		return password.ErrCost
	}
	return errors.New(a.failure)
}
