package fsm

// snapshots checks schedules and what is known of their files.
func (c *checker) snapshots() {
	s := c.s
	places := make(map[snapshotPlace]string)
	s.snapshotSchedules.each(func(x *SnapshotSchedule) bool {
		other, twice := places[x.Target.place()]
		c.want(!twice, "schedules %s and %s save to one place", x.Name, other)
		places[x.Target.place()] = x.Name
		c.want(x.Placed <= x.Version && x.Version <= s.Serial && x.PlacedAt <= s.Clock, "schedule %+v", x)
		return true
	})
	c.want(s.snapshotSchedules.len() <= MaxSnapshotSchedules, "%d schedules", s.snapshotSchedules.len())
	s.snapshotStatuses.each(func(x *SnapshotStatus) bool {
		_, there := s.SnapshotSchedule(x.Name)
		c.want(there, "status of %s, which is no schedule", x.Name)
		c.want(x.Started <= x.Ended && x.Good.Started <= x.Good.Ended && x.Ended <= s.Clock, "status %+v", x)
		c.want((x.Failures > 0) == (x.Problem != SnapshotFine), "status %+v", x)
		return true
	})
}

// wreckSnapshots writes to the tables of scheduled snapshots.
func (tx *Tx) wreckSnapshots() {
	putRecord(tx, &tx.st.snapshotSchedules, "new", &SnapshotSchedule{Name: "new"})
	putRecord(tx, &tx.st.snapshotStatuses, "new", &SnapshotStatus{Name: "new"})
	for _, x := range all(&tx.st.snapshotSchedules) {
		tx.dropSnapshotStatus(x.Name)
		delRecord(tx, &tx.st.snapshotSchedules, x.Name)
	}
}
