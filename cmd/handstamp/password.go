package main

import (
	"bufio"
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
func (f passwordFlags) password(t terminal) (string, error) {
	var plain string
	var err error
	switch {
	case f.PasswordStdin:
		plain, err = firstLine(t.in)
	case term.IsTerminal(int(t.in.Fd())):
		plain, err = ask(t)
	default:
		return "", usagef("no password: run this in a terminal, or give --password-stdin and the password on standard input")
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("read password: %w", err)
	case plain == "":
		return "", usagef("the password is empty")
	case !utf8.ValidString(plain):
		return "", usagef("the password is not UTF-8 text")
	}
	return plain, nil
}

func firstLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, password.MaxBytes+2)).ReadString('\n')
	if err == io.EOF { //nolint:errorlint // ReadString returns it as it is
		err = nil
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

func ask(t terminal) (string, error) {
	var typed [2]string
	for i, prompt := range []string{"Password: ", "The same again: "} {
		fmt.Fprint(t.err, prompt)
		line, err := term.ReadPassword(int(t.in.Fd()))
		fmt.Fprintln(t.err)
		if err != nil {
			return "", err
		}
		typed[i] = string(line)
	}
	if typed[0] != typed[1] {
		return "", usagef("the two are not the same")
	}
	return typed[0], nil
}
