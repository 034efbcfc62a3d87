package fsm

import "time"

// Runner is what the cluster knows of a runner: one who asked to be adopted, or
// showed a token, or was brought along from a Waypoint server.
type Runner struct {
	ID         string // letter case counts
	Kind       RunnerKind
	Profile    string // of an on-demand runner
	ByIDOnly   bool
	Components []RunnerComponent
	Labels     []MetaPair
	LabelHash  uint64 // of Labels, as the registering node computed it
	State      AdoptionState
	FirstSeen  Instant
	LastSeen   Instant
	Decided    uint64 // serial of the last adoption or rejection; 0: none
	// Before is what a runner was that came back with other labels and waits to be
	// adopted again. If it goes away instead, it is that again: knowing the cookie
	// and an id must not undo what an operator decided.
	Before *RunnerBefore
}

// RunnerBefore is what a runner that waits was.
type RunnerBefore struct {
	State     AdoptionState
	Labels    []MetaPair
	LabelHash uint64
}

func (b *RunnerBefore) fields(c *coder) {
	b.State.fields(c)
	metaFields(c, &b.Labels)
	c.u64(&b.LabelHash)
}

// AdoptionState is a runner's standing. The numbers are Waypoint's.
type AdoptionState uint8

// The states.
const (
	RunnerPending    AdoptionState = 0
	RunnerPreadopted AdoptionState = 1 // it showed a token that somebody made for it
	RunnerAdopted    AdoptionState = 2
	RunnerRejected   AdoptionState = 3
)

func (s *AdoptionState) fields(c *coder) {
	c.u8((*uint8)(s))
	if *s > RunnerRejected {
		c.fail(errNotCanonical)
	}
}

// String is the state as it is shown.
func (s AdoptionState) String() string {
	return [...]string{"PENDING", "PREADOPTED", "ADOPTED", "REJECTED"}[min(s, RunnerRejected)]
}

// RunnerKind is where a runner runs. Numbers are never reused.
type RunnerKind uint8

// The kinds.
const (
	RunnerUnset    RunnerKind = 0
	RunnerOldODR   RunnerKind = 1 // on demand, as told before there was a part for it
	RunnerODR      RunnerKind = 2
	RunnerLocal    RunnerKind = 3
	RunnerRemote   RunnerKind = 4
	maxRunnerKinds            = RunnerRemote
)

// RunnerComponent is a plugin that a runner has.
type RunnerComponent struct {
	Type uint32
	Name string
}

func (p *RunnerComponent) fields(c *coder) {
	c.u32(&p.Type)
	c.string(&p.Name, MaxNameBytes)
}

func (r *Runner) tag() recordTag { return tagRunner }

func (r *Runner) fields(c *coder) {
	c.string(&r.ID, MaxSignedIDBytes)
	c.u8((*uint8)(&r.Kind))
	c.string(&r.Profile, MaxNameBytes)
	c.bool(&r.ByIDOnly)
	list(c, &r.Components, MaxRunnerComponents, func(c *coder, p *RunnerComponent) { p.fields(c) })
	metaFields(c, &r.Labels)
	c.u64(&r.LabelHash)
	r.State.fields(c)
	c.instant(&r.FirstSeen)
	c.instant(&r.LastSeen)
	c.u64(&r.Decided)
	before := r.Before != nil
	c.bool(&before)
	if before {
		if c.decoding {
			r.Before = new(RunnerBefore)
		}
		r.Before.fields(c)
	}
}

// checkRunner bounds what a runner says of itself.
func checkRunner(r *Runner) *Error {
	switch {
	case !isRunnerID(r.ID):
		return invalid(RunnerIDBad)
	case r.Kind > maxRunnerKinds || r.State > RunnerRejected:
		return invalid(OutOfRange, "kind or state of a runner", r.Kind, "known ones")
	case r.Before != nil:
		return invalid(OutOfRange, "earlier state of a runner", r.Before.State, "none: the machine's own")
	case len(r.Profile) > MaxNameBytes || len(r.Components) > MaxRunnerComponents:
		return invalid(OutOfRange, "number of components", len(r.Components), "at most 64")
	}
	for _, p := range r.Components {
		if err := checkName("component", p.Name); err != nil {
			return err
		}
	}
	return checkMeta(r.Labels)
}

func isRunnerID(id string) bool {
	for i := range len(id) {
		if c := id[i]; !isWordByte(c) && c != '-' {
			return false
		}
	}
	return id != "" && len(id) <= MaxSignedIDBytes
}

// Runner finds a runner.
func (s *State) Runner(id string) (*Runner, bool) { return s.runners.find(id) }

// Runners lists them in the order of their ids, until f says no.
func (s *State) Runners(f func(*Runner) bool) { s.runners.each(f) }

// CountRunners is how many there are.
func (s *State) CountRunners() int { return s.runners.len() }

// RunnerPatience is how long a runner that is not adopted, or runs on demand or
// locally, is remembered after it was last heard of: a node that serves it has it
// seen several times in that span, and forgets it at once when it leaves.
const RunnerPatience = 2 * time.Minute

// passing says whether a runner is forgotten when it goes away. One that was rejected
// is not, wherever it runs: it could come back by a token that was made for it.
func (r *Runner) passing() bool {
	switch r.Kind {
	case RunnerOldODR, RunnerODR, RunnerLocal:
		return r.State != RunnerRejected
	}
	return r.State == RunnerPending || r.State == RunnerPreadopted
}

// rejected says whether the last word on a runner was no, whatever it has called
// itself since.
func (r *Runner) rejected() bool {
	return r.State == RunnerRejected || r.Before != nil && r.Before.State == RunnerRejected
}

// decided says whether there was a word on it.
func (r *Runner) decided() bool {
	return r.State == RunnerAdopted || r.State == RunnerRejected || r.Before != nil
}

type runnerEnd struct {
	at Instant
	id string
}

func (e runnerEnd) less(o runnerEnd) bool {
	return e.at < o.at || e.at == o.at && e.id < o.id
}

func (r *Runner) end() (runnerEnd, bool) {
	return runnerEnd{r.LastSeen.Add(RunnerPatience), r.ID}, r.passing()
}

func (tx *Tx) putRunner(r *Runner) {
	old, had := putRecord(tx, &tx.st.runners, r.ID, r)
	if had {
		tx.delRunnerEnd(old)
	}
	if e, passing := r.end(); passing {
		put(tx, &tx.st.runnerEnds, e)
	}
}

func (tx *Tx) delRunnerEnd(r *Runner) {
	if e, passing := r.end(); passing {
		del(tx, &tx.st.runnerEnds, e)
	}
}

func (tx *Tx) dropRunner(r *Runner) {
	delRecord(tx, &tx.st.runners, r.ID)
	tx.delRunnerEnd(r)
}

// leave is what becomes of a runner that has gone away.
func (tx *Tx) leave(r *Runner) {
	switch {
	case r.Before != nil:
		was := *r
		was.State, was.Labels, was.LabelHash, was.Before = r.Before.State, r.Before.Labels, r.Before.LabelHash, nil
		tx.putRunner(&was)
	case r.passing():
		tx.dropRunner(r)
	}
}

// dropRunners lets runners go that were not heard of for long.
func (tx *Tx) dropRunners(budget *int) {
	for *budget > 0 {
		first, ok := tx.st.runnerEnds.first()
		if !ok || first.at > tx.clock() {
			return
		}
		r, _ := tx.st.Runner(first.id)
		tx.leave(r)
		*budget--
	}
}
