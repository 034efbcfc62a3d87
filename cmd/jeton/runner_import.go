package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/openbao/openbao/api/v2"

	"github.com/jeton-io/jeton/http/waypoint"
)

// runnerImportCommand writes runners as they were on a Waypoint server: one that the
// flags describe, or those of a file.
func runnerImportCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	path := flags.String("file", "", "`file` of many, - for standard input: a list or a sequence of JSON objects with id, labels,\nstate and kind, or as \"waypoint runner list -json\" prints them")
	one := new(importedRunner)
	flags.Var((*mapFlag)(&one.Labels), "label", "`key=value` that the runner has; may be given several times")
	flags.StringVar(&one.State, "state", "", "`state`: adopted, preadopted, pending or rejected (default adopted)")
	flags.StringVar(&one.Kind, "kind", "", "`kind`: remote, local or odr (default remote)")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if *path == "" {
			if err := wantArgs(args, 1, 1); err != nil {
				return err
			}
			one.ID = args[0]
			if err := one.send(ctx, client); err != nil {
				return apiError("importing the runner", err)
			}
			return out.success("Imported the runner: %s", one.ID)
		}
		if len(args) > 0 || one.Labels != nil || one.State != "" || one.Kind != "" {
			return usagef("-file goes with no other way to describe a runner")
		}
		runners, err := readRunners(c, *path)
		if err != nil {
			return err
		}
		for i, one := range runners {
			if err := one.send(ctx, client); err != nil {
				return apiError(fmt.Sprintf("importing the runner %s, after %d of %d", oneLine(one.ID), i, len(runners)), err)
			}
		}
		return out.success("Imported runners: %d", len(runners))
	})
}

// importedRunner is a runner as a file describes it. Waypoint's own command line leaves
// out what is zero, such as the state of a runner that is pending.
type importedRunner struct {
	ID     string            `json:"id"`
	Labels map[string]string `json:"labels"`
	State  string            `json:"state"`
	Kind   string            `json:"kind"`

	// Of Waypoint's message.
	AdoptionState   string `json:"adoptionState"`
	Remote          any    `json:"remote"`
	Local           any    `json:"local"`
	ODR             any    `json:"odr"`
	DeprecatedIsODR bool   `json:"deprecatedIsOdr"`
	FirstSeen       string `json:"firstSeen"`
	LastSeen        any    `json:"lastSeen"`
	ByIDOnly        any    `json:"byIdOnly"`
	Components      any    `json:"components"`
	Online          any    `json:"online"`
}

func (r *importedRunner) send(ctx context.Context, client *api.Client) error {
	labels := make(map[string]string, len(r.Labels))
	for k, v := range r.Labels { // order: a map of its own
		if k != waypoint.HashLabel { // Waypoint mixes it into what it stores
			labels[k] = v
		}
	}
	body := map[string]any{"labels": labels}
	if state := r.state(); state != "" {
		body["state"] = state
	}
	if kind := r.kind(); kind != "" {
		body["kind"] = kind
	}
	_, err := client.Logical().WriteWithContext(ctx, "jeton/runners/"+url.PathEscape(r.ID), body)
	return err
}

func (r *importedRunner) state() string {
	switch {
	case r.State != "":
		return r.State
	case r.AdoptionState != "":
		return r.AdoptionState
	case r.FirstSeen != "": // Waypoint's message, and of a runner that is pending
		return "pending"
	}
	return ""
}

func (r *importedRunner) kind() string {
	switch {
	case r.Kind != "":
		return r.Kind
	case r.Local != nil:
		return "local"
	case r.ODR != nil, r.DeprecatedIsODR:
		return "odr"
	}
	return ""
}

// readRunners reads a file of runners. A name that it does not know is an error: a
// runner without its labels would be another.
func readRunners(c *console, path string) (runners []*importedRunner, _ error) {
	in := c.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, usageError{err}
		}
		defer f.Close()
		in = f
	}
	text := bufio.NewReader(io.LimitReader(in, maxFieldBytes))
	d := json.NewDecoder(text)
	d.DisallowUnknownFields()
	list, err := beginsList(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if list {
		err = d.Decode(&runners)
	}
	for err == nil {
		one := new(importedRunner)
		if err = d.Decode(one); err == nil {
			runners = append(runners, one)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, one := range runners {
		if one == nil || one.ID == "" {
			return nil, fmt.Errorf("%s: runner %d has no id", path, i+1)
		}
	}
	return runners, nil
}

// beginsList says whether what comes next but blanks is a list.
func beginsList(text *bufio.Reader) (bool, error) {
	for {
		b, err := text.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return false, errors.New("there is no runner in there")
		case err != nil:
			return false, err
		case b != ' ' && b != '\n' && b != '\r' && b != '\t':
			return b == '[', text.UnreadByte()
		}
	}
}
