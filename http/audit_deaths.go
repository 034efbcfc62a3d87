package http

import (
	"context"
	"strconv"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
)

// deathsInFlight is how many entries may wait for a device before somebody does:
// a fraction of what any queue holds by default.
const deathsInFlight = 64

// recordDeaths writes an entry for each token that ended. It waits for required
// devices, but only until the first of them is late: then the rest is handed over
// without waiting, and what does not fit is dropped and counted.
func (a *auditor) recordDeaths(ctx context.Context, st *fsm.State, dead []*fsm.Tombstone) {
	set := a.set(st)
	if len(set.devices) == 0 {
		return
	}
	var waiting []*audit.Receipt
	late := false
	settle := func() {
		for _, r := range waiting {
			late = late || r.Wait(ctx) != nil
		}
		waiting = waiting[:0]
	}
	for _, stone := range dead {
		for _, d := range set.devices {
			var entry []byte
			if !d.Broken {
				entry = set.appendDeath(nil, d, st, stone)
			}
			if r, _ := d.Put(entry); r != nil {
				waiting = append(waiting, r)
			}
		}
		if len(waiting) >= set.inFlight() && !late {
			settle()
		}
	}
	if !late {
		settle()
	}
}

// inFlight is deathsInFlight, or what the shortest queue holds.
func (s *auditSet) inFlight() int {
	n := deathsInFlight
	for _, d := range s.devices {
		n = min(n, d.Queue)
	}
	return n
}

func (s *auditSet) appendDeath(b []byte, d *auditDevice, st *fsm.State, stone *fsm.Tombstone) []byte {
	b = appendEntryStart(b, "revocation")
	b = append(b, `,"revocation":{"accessor":`...)
	b = d.appendAccessor(b, stone.Accessor)
	b = append(b, `,"path":`...)
	b = appendString(b, stone.Path)
	b = append(b, `,"cause":`...)
	b = appendString(b, stone.Death.Cause.String())
	if stone.Through != "" {
		b = append(b, `,"through":`...)
		if stone.Death.Cause == fsm.ParentDead {
			b = d.appendAccessor(b, stone.Through)
		} else {
			b = appendString(b, stone.Through) // a prefix
		}
	}
	if stone.Death.Actor != "" {
		b = append(b, `,"actor":`...)
		b = d.appendAccessor(b, stone.Death.Actor)
	}
	b = append(b, `,"at":`...)
	b = appendTime(b, stone.Death.At)
	b = append(b, `},"jeton":{"node":`...)
	b = appendString(b, s.node)
	b = append(b, `,"index":`...)
	b = strconv.AppendUint(b, st.Index(), 10)
	return append(b, '}', '}')
}
