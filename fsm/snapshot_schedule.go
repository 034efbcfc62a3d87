package fsm

import "time"

// SnapshotSchedule has the leader save the state again and again, to one place. The
// machine keeps it and says what is due; nothing is written below the log.
type SnapshotSchedule struct {
	Name      string
	Version   uint64 // serial of the command that wrote it
	Placed    uint64 // serial of the one that said where to; what was saved counts for that place only
	PlacedAt  Instant
	Interval  time.Duration
	Retain    uint32        // how many snapshots are kept there
	RetainAge time.Duration // and how old they may become; 0: as old as they like
	Target    SnapshotTarget
}

func (s *SnapshotSchedule) tag() recordTag { return tagSnapshotSchedule }

func (s *SnapshotSchedule) fields(c *coder) {
	c.string(&s.Name, MaxScheduleNameBytes)
	c.u64(&s.Version)
	c.u64(&s.Placed)
	c.instant(&s.PlacedAt)
	s.settings(c)
}

// settings are the fields that the command which writes a schedule has too.
func (s *SnapshotSchedule) settings(c *coder) {
	c.duration(&s.Interval)
	c.u32(&s.Retain)
	c.duration(&s.RetainAge)
	s.Target.fields(c)
}

// SnapshotSchedule finds a schedule.
func (s *State) SnapshotSchedule(name string) (*SnapshotSchedule, bool) {
	return s.snapshotSchedules.find(name)
}

// SnapshotSchedules lists the schedules in order of their names.
func (s *State) SnapshotSchedules() (list []*SnapshotSchedule) {
	s.snapshotSchedules.each(func(c *SnapshotSchedule) bool {
		list = append(list, c)
		return true
	})
	return list
}

const (
	firstSnapshotPause = 10 * time.Second // after the first failure; twice as long after each further one
	lastSnapshotPause  = 15 * time.Minute
)

// Due is when the next snapshot is: an interval after the last good one began, at
// once if there is none, and after a failure not before a pause.
func (s *SnapshotSchedule) Due(last *SnapshotStatus) Instant {
	if last == nil {
		return 0
	}
	var due Instant
	if last.Good.Index > 0 {
		due = last.Good.Started.Add(s.Interval)
	}
	if last.Failures > 0 {
		pause := min(firstSnapshotPause<<min(last.Failures-1, 10), lastSnapshotPause, s.Interval)
		due = max(due, last.Ended.Add(pause))
	}
	return due
}

// Overdue says whether the last good snapshot is older than two intervals, or there
// has been none for so long. One interval would be too few: the next is under way.
func (s *SnapshotSchedule) Overdue(last *SnapshotStatus, at Instant) bool {
	since := s.PlacedAt
	if last != nil {
		since = max(since, last.Good.Started)
	}
	return since.Add(s.Interval).Add(s.Interval) < at
}
