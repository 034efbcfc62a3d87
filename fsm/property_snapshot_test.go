package fsm_test

import (
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// schedule is a request about one of a few schedules of snapshots, or what became of an
// attempt of one. The model knows of none, and no token is the better or worse for it:
// what the invariants say of schedules is what is wanted.
func (r *run) schedule() *fsm.Envelope {
	name := fmt.Sprint("s", r.gen.IntN(3))
	old, there := r.lab.State().SnapshotSchedule(name)
	if there && r.gen.IntN(2) == 0 {
		problem := fsm.SnapshotProblem(r.gen.IntN(10))
		t := taken(r.lab, name, problem)
		t.Placed -= uint64(r.gen.IntN(2)) // of an earlier place, perhaps
		t.Started = t.Started.Add(r.gen.Pause())
		return &fsm.Envelope{Command: t}
	}
	var c fsm.Command = &fsm.SnapshotScheduleDelete{Name: name}
	if r.gen.IntN(4) > 0 {
		set := schedule(name, target(func(t *fsm.SnapshotTarget) { t.PathPrefix = fmt.Sprint("/", r.gen.IntN(4)) }))
		if there && r.gen.IntN(8) > 0 {
			set.Base = old.Version
		}
		c = set
	}
	env := r.lab.Envelope("root", c)
	env.Request.Low = 1 // requests before it may be sent again
	return env
}
