package fsm

import "math"

// SnapshotStatus is what has become of a schedule's snapshots at its present place.
type SnapshotStatus struct {
	Name     string
	Started  Instant // of the last attempt
	Ended    Instant
	Problem  SnapshotProblem
	Failures uint32 // in a row
	Good     SavedSnapshot
}

// SavedSnapshot is the last good one; index 0: there is none.
type SavedSnapshot struct {
	Started Instant // log time of its state; part of its name, as the index is
	Ended   Instant
	Index   uint64
	Bytes   uint64
}

// SnapshotProblem says why a snapshot was not saved. Numbers are never reused. There
// is no text: it could hold what a store says, which is nobody's to replicate.
type SnapshotProblem uint8

// The problems.
const (
	SnapshotFine      SnapshotProblem = 0
	SnapshotNoFolder  SnapshotProblem = 1
	SnapshotForbidden SnapshotProblem = 2
	SnapshotNoRoom    SnapshotProblem = 3
	SnapshotSpaceUsed SnapshotProblem = 4
	SnapshotUnreached SnapshotProblem = 5
	SnapshotStalled   SnapshotProblem = 6
	SnapshotDamaged   SnapshotProblem = 7
	SnapshotNoSecret  SnapshotProblem = 8
	SnapshotOther     SnapshotProblem = 9
	SnapshotUnrotated SnapshotProblem = 10
	maxProblem                        = SnapshotUnrotated
)

// String is the problem as people read it.
func (p SnapshotProblem) String() string {
	return [...]string{"", "the directory or bucket is not there", "the right to write or delete there is missing",
		"no room is left there", "local_max_space is used up", "the store could not be reached or failed",
		"the store took too long", "what was read back is not what was written",
		"the secret of the store could not be opened", "another problem: the leader's log says which",
		"it was saved, and older ones could not be removed"}[p]
}

func (p *SnapshotProblem) fields(c *coder) {
	c.u8((*uint8)(p))
	if *p > maxProblem {
		c.fail(errNotCanonical)
	}
}

func (s *SnapshotStatus) tag() recordTag { return tagSnapshotStatus }

func (s *SnapshotStatus) fields(c *coder) {
	c.string(&s.Name, MaxScheduleNameBytes)
	c.instant(&s.Started)
	c.instant(&s.Ended)
	s.Problem.fields(c)
	c.u32(&s.Failures)
	c.instant(&s.Good.Started)
	c.instant(&s.Good.Ended)
	c.u64(&s.Good.Index)
	c.u64(&s.Good.Bytes)
}

// SnapshotStatus is what has become of a schedule's snapshots; nil: nothing yet.
func (s *State) SnapshotStatus(name string) *SnapshotStatus {
	status, _ := s.snapshotStatuses.find(name)
	return status
}

// OverdueSnapshots counts the schedules whose last good snapshot is too old.
func (s *State) OverdueSnapshots(at Instant) (n int) {
	s.snapshotSchedules.each(func(c *SnapshotSchedule) bool {
		if c.Overdue(s.SnapshotStatus(c.Name), at) {
			n++
		}
		return true
	})
	return n
}

func (tx *Tx) dropSnapshotStatus(name string) {
	if tx.st.SnapshotStatus(name) != nil {
		delRecord(tx, &tx.st.snapshotStatuses, name)
	}
}

// SnapshotTaken logs what became of an attempt to save a snapshot. The leader
// proposes it. It counts only while the schedule's snapshots go to the place where
// the attempt went.
type SnapshotTaken struct {
	Name    string
	Placed  uint64  // of the schedule as it was at the attempt
	Started Instant // log time of the state; as late as the attempt began
	Index   uint64  // of the state
	Bytes   uint64  // of the archive; 0: nothing was saved
	Problem SnapshotProblem
}

func (*SnapshotTaken) kind() Kind { return kindSnapshotTaken }
func (*SnapshotTaken) cluster()   {}

func (t *SnapshotTaken) fields(c *coder) {
	c.string(&t.Name, MaxScheduleNameBytes)
	c.u64(&t.Placed)
	c.instant(&t.Started)
	c.u64(&t.Index)
	c.u64(&t.Bytes)
	t.Problem.fields(c)
}

// Validate checks shape and bounds.
func (t *SnapshotTaken) Validate() error {
	if err := checkScheduleName(t.Name); err != nil {
		return err
	}
	saved := t.Problem == SnapshotFine || t.Problem == SnapshotUnrotated
	switch {
	case t.Problem > maxProblem:
		return invalid(OutOfRange, "problem of a snapshot", uint8(t.Problem), "a known one")
	case t.Index == 0 || saved != (t.Bytes > 0):
		return invalid(OutOfRange, "bytes of a snapshot", t.Bytes, "those of an archive if there is one")
	case t.Started < 0:
		return invalid(OutOfRange, "time of a snapshot", int64(t.Started), "one since the Unix epoch")
	}
	return nil
}

func (*SnapshotTaken) access(*State, *Actor) Access { return Access{} }

func (t *SnapshotTaken) apply(tx *Tx, _ *Actor) (Result, *Error) {
	schedule, there := tx.st.SnapshotSchedule(t.Name)
	if !there || schedule.Placed != t.Placed {
		return &Done{}, nil
	}
	started := min(t.Started, tx.clock())
	next := &SnapshotStatus{Name: t.Name}
	if last := tx.st.SnapshotStatus(t.Name); last != nil {
		*next = *last
	}
	next.Started, next.Ended, next.Problem = started, tx.clock(), t.Problem
	if t.Problem == SnapshotFine {
		next.Failures = 0
	} else if next.Failures < math.MaxUint32 {
		next.Failures++
	}
	if t.Bytes > 0 {
		next.Good = SavedSnapshot{started, tx.clock(), t.Index, t.Bytes}
	}
	putRecord(tx, &tx.st.snapshotStatuses, next.Name, next)
	return &Done{}, nil
}
