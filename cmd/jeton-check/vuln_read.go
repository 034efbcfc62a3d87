package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"io"
	"slices"
	"strings"
)

// vuln is a vulnerability that is reached, and the shortest way there.
type vuln struct {
	id, summary string
	module      string // stdlib for what comes with Go
	have, fixed string // versions; fixed is empty when there is no such version
	from, to    string // functions: ours, and the vulnerable one
	steps       int
}

func (v vuln) String() string {
	fixed := "no version is without it"
	if v.fixed != "" {
		fixed = "fixed in " + v.fixed
	}
	return fmt.Sprintf("%s: %s: %s@%s, %s: %s reaches %s", v.id, v.summary, v.module, v.have, fixed, v.from, v.to)
}

// frame is a step of a trace, in the words of govulncheck's JSON.
type frame struct{ Module, Version, Package, Function, Receiver string }

func (f frame) String() string {
	name := strings.TrimPrefix(f.Package, module) + "."
	if f.Receiver != "" {
		name += strings.TrimPrefix(f.Receiver, "*") + "."
	}
	return name + f.Function
}

// module is this one's path, as packages begin with it.
const module = "github.com/jeton-io/jeton/"

const stdlib = "stdlib"

// readVulns reads what govulncheck writes with -format json, by id. A finding without
// a function is about a module or package that is only required or imported.
func readVulns(r io.Reader) ([]vuln, error) {
	found := map[string]vuln{}
	summaries := map[string]string{}
	complete := false
	for dec := json.NewDecoder(r); ; {
		var m struct {
			Config  *struct{ ScanLevel string }
			OSV     *struct{ ID, Summary string }
			Finding *struct {
				OSV          string
				FixedVersion string `json:"fixed_version"`
				Trace        []frame
			}
		}
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		switch {
		case m.Config != nil:
			complete = true
		case m.OSV != nil:
			summaries[m.OSV.ID] = m.OSV.Summary
		case m.Finding != nil && len(m.Finding.Trace) > 0 && m.Finding.Trace[0].Function != "":
			f := m.Finding
			v := vuln{id: f.OSV, module: f.Trace[0].Module, have: f.Trace[0].Version, fixed: f.FixedVersion,
				from: f.Trace[len(f.Trace)-1].String(), to: f.Trace[0].String(), steps: len(f.Trace)}
			if was, ok := found[v.id]; !ok || v.steps < was.steps {
				found[v.id] = v
			}
		}
	}
	if !complete {
		return nil, errors.New("govulncheck has said nothing")
	}
	var list []vuln
	for id, v := range found {
		v.summary = summaries[id]
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b vuln) int { return strings.Compare(a.id, b.id) })
	return list, nil
}

// judgeVulns tells what this module has to mend, and what only the Go of this machine
// is to blame for: it is older than the toolchain of go.mod, in which that is mended.
func judgeVulns(reached []vuln, toolchain string) (ours, machines []vuln) {
	for _, v := range reached {
		fixed := "go" + strings.TrimPrefix(v.fixed, "v")
		if v.module == stdlib && v.fixed != "" && version.Compare(fixed, toolchain) <= 0 {
			machines = append(machines, v)
		} else {
			ours = append(ours, v)
		}
	}
	return ours, machines
}
