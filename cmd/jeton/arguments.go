package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// wantArgs checks the number of arguments. It does not repeat them: one may be a
// token, and this goes to a terminal or a log.
func wantArgs(args []string, least, most int) error {
	switch {
	case len(args) < least:
		return usagef("too few arguments (%d, at least %d)", len(args), least)
	case len(args) > most:
		return usagef("too many arguments (%d, at most %d)", len(args), most)
	}
	return nil
}

// secretArg is an argument that may be "-": then it is the first line of standard
// input, so that a token need not stand in a process list.
func (c *console) secretArg(arg string) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	line, err := bufio.NewReader(io.LimitReader(c.in, maxTokenBytes)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("standard input: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", usagef("standard input holds nothing")
	}
	return line, nil
}

// askSecret prompts for a line that is not shown, or reads standard input when
// nobody sits before it.
func (c *console) askSecret(prompt string) (string, error) {
	f, ok := c.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return c.secretArg("-")
	}
	fmt.Fprint(c.err, prompt)
	text, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(c.err)
	if err != nil {
		return "", err
	}
	if s := strings.TrimSpace(string(text)); s != "" {
		return s, nil
	}
	return "", usagef("nothing given")
}
