package fsm

import "github.com/jeton-io/jeton/fsm/policy"

const snapshotSchedules = "sys/storage/raft/snapshot-auto/config"

// SnapshotScheduleSet writes a schedule, all of it. The node that proposes it has
// made it of the request and of what was there before, and names the version that
// it looked at; when that moved, it has to look again.
type SnapshotScheduleSet struct {
	Base     uint64 // version that this is made of; 0: there was none
	Schedule SnapshotSchedule
}

func (*SnapshotScheduleSet) kind() Kind { return kindSnapshotScheduleSet }

func (s *SnapshotScheduleSet) fields(c *coder) {
	c.u64(&s.Base)
	c.string(&s.Schedule.Name, MaxScheduleNameBytes)
	s.Schedule.settings(c)
}

// Validate checks shape and bounds.
func (s *SnapshotScheduleSet) Validate() error {
	x := &s.Schedule
	if err := checkScheduleName(x.Name); err != nil {
		return err
	}
	if err := x.Target.check(); err != nil {
		return err
	}
	switch {
	case x.Interval < MinSnapshotInterval || x.Interval > MaxTTL:
		return invalid(OutOfRange, "interval", x.Interval, "10s to 87600h")
	case x.Retain == 0 || x.Retain > MaxSnapshotsKept:
		return invalid(OutOfRange, "retain", x.Retain, "1 to 10000")
	case x.RetainAge != 0 && (x.RetainAge < x.Interval || x.RetainAge > MaxTTL):
		return invalid(OutOfRange, "retain_age", x.RetainAge, "0 for any age, or the interval to 87600h")
	}
	return nil
}

func checkScheduleName(name string) *Error {
	if len(name) > MaxScheduleNameBytes || !isWord(name) || !isWordByte(name[0]) {
		return invalid(SnapshotNameBad)
	}
	return nil
}

func (s *SnapshotScheduleSet) access(*State, *Actor) Access {
	return Access{Path: snapshotSchedules + "/" + s.Schedule.Name, Capability: policy.Update}
}

func (s *SnapshotScheduleSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	next := s.Schedule
	next.Version, next.Placed, next.PlacedAt = tx.serial(), tx.serial(), tx.clock()
	next.Interval, next.RetainAge = wholeSeconds(next.Interval), wholeSeconds(next.RetainAge)
	var version uint64
	old, there := tx.st.SnapshotSchedule(next.Name)
	if there {
		version = old.Version
	}
	switch {
	case version != s.Base:
		return nil, verdict(Recheck, ItemMoved, next.Name)
	case !there && tx.st.snapshotSchedules.len() >= MaxSnapshotSchedules:
		return nil, verdict(Limit, TooManySchedules, MaxSnapshotSchedules)
	}
	if other, taken := tx.st.scheduleAt(next.Target.place()); taken && other != next.Name {
		return nil, invalid(SnapshotPlaceUsed, other)
	}
	if there && next.Target.same(&old.Target) {
		next.Placed, next.PlacedAt = old.Placed, old.PlacedAt
	} else {
		tx.dropSnapshotStatus(next.Name) // of another place
	}
	putRecord(tx, &tx.st.snapshotSchedules, next.Name, &next)
	return &Done{}, nil
}

// scheduleAt is the schedule whose files stand at a place. There are few.
func (s *State) scheduleAt(place snapshotPlace) (name string, ok bool) {
	s.snapshotSchedules.each(func(c *SnapshotSchedule) bool {
		if ok = c.Target.place() == place; ok {
			name = c.Name
		}
		return !ok
	})
	return name, ok
}

// SnapshotScheduleDelete ends a schedule. What was saved by it stays where it is.
type SnapshotScheduleDelete struct{ Name string }

func (*SnapshotScheduleDelete) kind() Kind        { return kindSnapshotScheduleDelete }
func (d *SnapshotScheduleDelete) fields(c *coder) { c.string(&d.Name, MaxScheduleNameBytes) }

// Validate wants a name.
func (d *SnapshotScheduleDelete) Validate() error {
	if err := checkScheduleName(d.Name); err != nil {
		return err
	}
	return nil
}

func (d *SnapshotScheduleDelete) access(*State, *Actor) Access {
	return Access{Path: snapshotSchedules + "/" + d.Name, Capability: policy.Delete}
}

// apply takes what is not there for deleted already.
func (d *SnapshotScheduleDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, there := tx.st.SnapshotSchedule(d.Name); there {
		tx.dropSnapshotStatus(d.Name)
		delRecord(tx, &tx.st.snapshotSchedules, d.Name)
	}
	return &Done{}, nil
}
