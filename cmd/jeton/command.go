package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// console is the world as a command sees it; tests put their own in its place.
type console struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	home     func() (string, error)
	terminal bool             // err is one
	now      func() time.Time // for what a terminal shows
}

func systemConsole() *console {
	return &console{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, home: os.UserHomeDir,
		terminal: term.IsTerminal(int(os.Stderr.Fd())), now: time.Now,
	}
}

// command is one line of the table in main.go. Its setup declares the flags and
// returns what runs once they are parsed, so that help can show the flags of a
// command without running it.
type command struct {
	name, args, summary string
	setup               func(c *console, flags *flag.FlagSet) runner
}

// runner does a command's work with the arguments that are not flags.
type runner func(ctx context.Context, args []string) error

// run finds the command that the arguments name, runs it and returns the exit
// code, having printed whatever error there was.
func run(ctx context.Context, table []command, c *console, args []string) int {
	cmd, rest := findCommand(table, args)
	if cmd == nil {
		return runGroup(table, c, args)
	}
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are printed below, in one style
	work := cmd.setup(c, flags)
	positional, err := parseInterspersed(flags, rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printCommandHelp(c.out, cmd, flags)
		return exitDone
	case err != nil:
		err = usageError{err}
	default:
		err = work(ctx, positional)
	}
	if err == nil {
		return exitDone
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(c.err, text)
	}
	if errors.As(err, new(usageError)) {
		fmt.Fprintf(c.err, "\nRun \"jeton %s -help\" for its usage.\n", cmd.name)
	}
	return exitCode(err)
}

// runGroup answers what names no command: a wish for help, a group of commands
// ("jeton token"), or a mistake.
func runGroup(table []command, c *console, args []string) int {
	help := len(args) > 0 && slices.Contains([]string{"help", "-h", "-help", "--help"}, args[len(args)-1])
	if help {
		args = args[:len(args)-1]
	} else if len(args) > 1 && args[0] == "help" {
		help, args = true, args[1:]
	}
	if cmd, rest := findCommand(table, args); cmd != nil && len(rest) == 0 && help {
		return run(context.Background(), table, c, append(args, "-help"))
	}
	prefix := strings.Join(args, " ")
	known := prefix == "" || slices.ContainsFunc(table, func(cmd command) bool {
		return strings.HasPrefix(cmd.name, prefix+" ")
	})
	switch {
	case known && help:
		printHelp(c.out, table, prefix)
		return exitDone
	case known:
		printHelp(c.err, table, prefix)
		return exitUsage
	default:
		// what was typed is not repeated: a word of it may be a token
		fmt.Fprint(c.err, "jeton has no such command\n\nRun \"jeton help\" for a list.\n")
		return exitUsage
	}
}

// findCommand matches up to three leading words.
func findCommand(table []command, args []string) (*command, []string) {
	for words := min(3, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		for i := range table {
			if table[i].name == name {
				return &table[i], args[words:]
			}
		}
	}
	return nil, args
}

// parseInterspersed parses flags before, between and after the other arguments,
// which it returns; what follows "--" is never a flag.
func parseInterspersed(flags *flag.FlagSet, args []string) ([]string, error) {
	var positional []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		rest := flags.Args()
		if used := len(args) - len(rest); used > 0 && args[used-1] == "--" {
			return append(positional, rest...), nil
		}
		if len(rest) == 0 {
			break
		}
		positional = append(positional, rest[0])
		args = rest[1:]
	}
	return positional, nil
}
