package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// printHelp lists the commands whose names begin with the given word; all if it
// is empty.
func printHelp(w io.Writer, table []command, group string) {
	usage := "jeton"
	if group != "" {
		usage += " " + group
	}
	fmt.Fprintf(w, "usage: %s COMMAND [flags] [arguments]\n\n", usage)
	width := 0
	for _, cmd := range table {
		width = max(width, len(cmd.name))
	}
	for _, cmd := range table {
		if group == "" || strings.HasPrefix(cmd.name, group+" ") {
			fmt.Fprintf(w, "  %-*s  %s\n", width, cmd.name, cmd.summary)
		}
	}
	fmt.Fprintf(w, "\nRun \"jeton COMMAND -help\" for the flags of one of them.\n")
}

// printCommandHelp shows one command's usage and flags.
func printCommandHelp(w io.Writer, cmd *command, flags *flag.FlagSet) {
	fmt.Fprintf(w, "usage: jeton %s [flags]", cmd.name)
	if cmd.args != "" {
		fmt.Fprintf(w, " %s", cmd.args)
	}
	fmt.Fprintf(w, "\n\n%s\n", sentence(cmd.summary))
	first := true
	flags.VisitAll(func(f *flag.Flag) {
		if first {
			fmt.Fprintf(w, "\nflags:\n")
			first = false
		}
		value, usage := flag.UnquoteUsage(f)
		line := "-" + f.Name
		if value != "" {
			line += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
			usage += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		fmt.Fprintf(w, "  %s\n        %s\n", line, strings.ReplaceAll(usage, "\n", "\n        "))
	})
}

func sentence(s string) string {
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
