package http

import (
	"net/http"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// explainToken says what keeps a token alive or what ended it.
func explainToken(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	accessor := c.variable("accessor")
	t, stone := view.State.Why(accessor, view.State.Clock)
	switch {
	case stone != nil:
		data := deathData(stone)
		if stone.Death.Cause == fsm.ParentDead {
			if _, above := view.State.Why(stone.Through, view.State.Clock); above != nil {
				data["ancestor"] = deathData(above)
			}
		}
		return answer{data: data}, nil
	case t != nil:
		return answer{data: lifeData(view, t)}, nil
	}
	return answer{}, refuse(http.StatusNotFound,
		"nothing is known of the accessor %s: there was no such token, or it is not among the last %d that ended",
		quote(accessor), fsm.MaxTombstones)
}

// deathData is what a tombstone says.
func deathData(stone *fsm.Tombstone) object {
	d := stone.Death
	data := object{
		"accessor": stone.Accessor, "alive": false, "path": stone.Path,
		"cause": causeNames[d.Cause], "reason": d.Cause.String(),
		"actor": d.Actor, "time": nil, "serial": d.Serial,
	}
	if d.At != 0 {
		data["time"] = d.At.Time()
	}
	switch d.Cause {
	case fsm.ParentDead:
		data["ancestor_accessor"] = stone.Through
	case fsm.PrefixMark:
		data["prefix"] = stone.Through
	}
	return data
}

// causeNames are the causes as programs read them; they do not change.
var causeNames = map[fsm.Cause]string{
	fsm.Revoked: "revoked", fsm.Cut: "revoked-orphan", fsm.Exhausted: "used-up", fsm.Expired: "expired",
	fsm.PrefixMark: "revoked-prefix", fsm.ParentDead: "ancestor-died",
	fsm.ContentTaken: "unwrapped", fsm.ContentMoved: "rewrapped",
}

// lifeData says what a live token's life hangs on: its own deadline, and every
// ancestor.
func lifeData(view cluster.View, t *fsm.Token) object {
	st := view.State
	data := object{"accessor": t.Accessor(), "alive": true, "path": t.Path, "renewable": t.Renewable, "uses_left": nil}
	if t.Counted() {
		data["uses_left"] = t.UsesLeft
	}
	first := t
	above := []object{}
	for _, p := range st.Ancestors(t) {
		above = append(above, object{
			"accessor": p.Accessor(), "display_name": p.DisplayName, "path": p.Path, "expire_time": deadlineTime(p),
		})
		if p.Deadline < first.Deadline {
			first = p
		}
	}
	data["expire_time"] = deadlineTime(t)
	data["ends_with"], data["ends_at"] = first.Accessor(), deadlineTime(first)
	data["ancestors"] = above
	return data
}

// deadlineTime is null for what does not expire.
func deadlineTime(t *fsm.Token) any {
	if t.Deadline == fsm.Never {
		return nil
	}
	return t.Deadline.Time()
}
