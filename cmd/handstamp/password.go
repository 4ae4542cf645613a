package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/handstamp/handstamp/password"
)

// passwordFlags are the flags of commands that want a password. It is never an argument: those
// can be read by everybody on the machine, and stay in the shell's history.
type passwordFlags struct {
	PasswordStdin bool `help:"Read the password from standard input, its first line."`
}

// password reads a password, from standard input or from the one who sits there.
func (f passwordFlags) password(ctx context.Context, t terminal) (string, error) {
	var plain string
	var err error
	switch {
	case f.PasswordStdin:
		plain, err = unlessDone(ctx, func() (string, error) { return firstLine(t.in) })
	case term.IsTerminal(int(t.in.Fd())):
		plain, err = ask(ctx, t)
	default:
		return "", usagef("no password: run this in a terminal, or give --password-stdin and the password on standard input")
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("read password: %w", err)
	case plain == "":
		return "", usagef("the password is empty")
	case len(plain) > password.MaxBytes:
		return "", usagef("%w: more than %d bytes", password.ErrTooLong, password.MaxBytes)
	case !utf8.ValidString(plain):
		return "", usagef("the password is not UTF-8 text")
	}
	return plain, nil
}

// unlessDone returns what read returns, or the context's error as soon as there is one, while read
// goes on waiting for somebody to type.
func unlessDone[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func firstLine(in io.Reader) (string, error) {
	const lineEnd = 2
	line, err := bufio.NewReader(io.LimitReader(in, password.MaxBytes+lineEnd+1)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

// ask asks twice, as nobody sees what is typed.
func ask(ctx context.Context, t terminal) (string, error) {
	file := int(t.in.Fd())
	before, err := term.GetState(file)
	if err != nil {
		return "", err
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "The same again: "} {
		fmt.Fprint(t.err, prompt)
		typed[i], err = unlessDone(ctx, func() (string, error) {
			line, err := term.ReadPassword(file)
			return string(line), err
		})
		fmt.Fprintln(t.err)
		if err != nil {
			return "", errors.Join(err, term.Restore(file, before)) // or the shell would show nothing
		}
	}
	if typed[0] != typed[1] {
		return "", usagef("the two are not the same")
	}
	return typed[0], nil
}
