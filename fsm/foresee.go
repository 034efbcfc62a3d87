package fsm

import (
	"cmp"
	"slices"
)

// Impact is what a revocation would end, counted.
type Impact struct {
	Epoch, Serial uint64 // what its plan names
	Tokens        int
	Policies      Tally // a token counts for each of its own
	Paths         Tally
	DisplayNames  Tally

	Leases       int  // of the tokens, and made under the prefix
	Values       int  // in cubbyholes and wrapping tokens
	Orphaned     int  // children that would live on
	MoreOrphaned bool // there are others
	Cut          bool // there are more than MaxPlanLooks; then there is no plan
}

// Foresee counts what a command would end now. It refuses what the command would
// refuse, but for what the caller's policies say.
func (s *State) Foresee(a *Actor, c Command) (*Impact, *Error) {
	r, err := s.reachOf(a, c)
	if err != nil {
		return nil, err
	}
	i := &Impact{Epoch: s.Epoch, Serial: s.Serial}
	i.Cut = !s.members(&r, s.Clock, MaxPlanLooks, func(t *Token) {
		i.Tokens++
		for _, p := range t.Policies {
			i.Policies.add(p)
		}
		i.Paths.add(t.Path)
		i.DisplayNames.add(t.DisplayName)
		i.Values += s.countCubbyhole(t.Digest, MaxCubbyholeEntries)
		i.Leases += s.countHeld(t.Accessor(), maxTally)
		if _, ok := s.wrappings.find(t.Digest); ok {
			i.Values++
		}
	})
	switch {
	case r.lease:
		i.Leases++
	case r.prefix != "":
		i.Leases += s.EngineLeasesBelow(r.prefix, s.Serial, MaxPlanLooks)
	}
	if r.alone {
		i.Orphaned, i.MoreOrphaned = s.CountChildren(r.root, maxTally, s.Clock)
	}
	return i, nil
}

// countHeld counts the leases of a token that have not ended, up to a number.
func (s *State) countHeld(accessor string, most int) (n int) {
	s.held.ascend(heldItem{accessor: accessor}, func(it heldItem) bool {
		if it.accessor != accessor || n == most {
			return false
		}
		n++
		return true
	})
	return n
}

// Hold holds a plan against the present tokens and says how many of the planned
// ones are left. Tokens up to the plan's serial can only leave what it reaches,
// by ending or by being orphaned, so their number tells whether any has.
func (s *State) Hold(a *Actor, p *Planned) (left int, err *Error) {
	if p.Epoch != s.Epoch || p.Serial > s.Serial {
		return 0, invalid(PlanUnknown)
	}
	r, err := s.reachOf(a, p.Command)
	if err != nil {
		return 0, err
	}
	if err := r.since(p); err != nil {
		return 0, err
	}
	var younger *Token
	lease := s.youngerLeaseByPath(&r, p.Serial)
	all := s.members(&r, s.Clock, MaxPlanLooks, func(t *Token) {
		left++
		if t.Serial > p.Serial {
			younger = t
		}
		if lease == nil {
			lease = s.youngerLease(t.Accessor(), p.Serial)
		}
	})
	switch {
	case younger != nil:
		return 0, verdict(Conflict, PlanChanged, younger.Accessor())
	case lease != nil:
		return 0, verdict(Conflict, PlanLeaseMade, lease.ID)
	case !all || uint64(left) > p.Tokens:
		return 0, invalid(PlanUnknown)
	case uint64(left) < p.Tokens && s.LastCut > p.Serial:
		return 0, verdict(Conflict, PlanOrphaned, p.Tokens-uint64(left), p.Tokens)
	}
	return left, nil
}

// Tally counts by name. What comes after the first maxTally names is counted
// together.
type Tally struct {
	counts map[string]int
	others int
}

// Count is a name of a tally.
type Count struct {
	Name   string
	Tokens int
}

func (t *Tally) add(name string) {
	if t.counts == nil {
		t.counts = make(map[string]int)
	}
	if _, known := t.counts[name]; !known && len(t.counts) == maxTally {
		t.others++
		return
	}
	t.counts[name]++
}

// Top lists the names that count most, and how much all others count.
func (t *Tally) Top(n int) (top []Count, others int) {
	for name, tokens := range t.counts { // order: sorted below
		top = append(top, Count{name, tokens})
	}
	slices.SortFunc(top, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Tokens, a.Tokens), cmp.Compare(a.Name, b.Name))
	})
	others = t.others
	for _, c := range top[min(n, len(top)):] {
		others += c.Tokens
	}
	return top[:min(n, len(top))], others
}
