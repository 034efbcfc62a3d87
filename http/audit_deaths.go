package http

import (
	"context"
	"strconv"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
)

// deathsInFlight is how many entries may wait for a device before somebody does:
// a fraction of what any queue holds by default.
const deathsInFlight = 64

// recordDeaths writes an entry for each token that ended.
func (a *auditor) recordDeaths(ctx context.Context, st *fsm.State, dead []*fsm.Tombstone) {
	recordEnds(ctx, a.set(st), dead, func(b []byte, s *auditSet, d *auditDevice, stone *fsm.Tombstone) []byte {
		return s.appendDeath(b, d, st, stone)
	})
}

// recordLeases writes an entry for each attempt to end outside what a lease stood
// for.
func (a *auditor) recordLeases(ctx context.Context, st *fsm.State, tried []cluster.TriedLease) {
	recordEnds(ctx, a.set(st), tried, func(b []byte, s *auditSet, d *auditDevice, t cluster.TriedLease) []byte {
		return s.appendTried(b, d, st, t)
	})
}

// recordEnds writes an entry for each of the ends. It waits for required devices,
// but only until the first of them is late: then the rest is handed over without
// waiting, and what does not fit is dropped and counted.
func recordEnds[E any](ctx context.Context, set *auditSet, ends []E, entry func([]byte, *auditSet, *auditDevice, E) []byte) {
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
	for _, end := range ends {
		for _, d := range set.devices {
			var text []byte
			if !d.Broken {
				text = entry(nil, set, d, end)
			}
			if r, _ := d.Put(text); r != nil {
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
	return s.appendNode(append(b, '}'), st)
}

// appendNode ends an entry with who wrote it, and where the log was.
func (s *auditSet) appendNode(b []byte, st *fsm.State) []byte {
	b = append(b, `,"jeton":{"node":`...)
	b = appendString(b, s.node)
	b = append(b, `,"index":`...)
	b = strconv.AppendUint(b, st.Index(), 10)
	return append(b, '}', '}')
}

// appendTried is the entry of an attempt at a lease.
func (s *auditSet) appendTried(b []byte, d *auditDevice, st *fsm.State, t cluster.TriedLease) []byte {
	l := t.Lease
	b = appendEntryStart(b, "revocation")
	b = append(b, `,"revocation":{"lease_id":`...)
	b = appendString(b, l.ID)
	b = append(b, `,"path":`...)
	b = appendString(b, l.Path())
	if l.OwnerAccessor != "" {
		b = append(b, `,"accessor":`...)
		b = d.appendAccessor(b, l.OwnerAccessor)
	}
	if l.End != nil {
		b = append(b, `,"cause":`...)
		b = appendString(b, l.End.Cause.String())
		if l.End.Actor != "" {
			b = append(b, `,"actor":`...)
			b = d.appendAccessor(b, l.End.Actor)
		}
		b = append(b, `,"at":`...)
		b = appendTime(b, l.End.At)
	}
	b = append(b, `,"failed_attempts":`...)
	outcome, failures := "gone", uint64(l.Tries)
	if t.Failed != "" {
		failures++
		switch outcome = "failed"; {
		case l.Force:
			outcome = "forgotten"
		case failures >= fsm.MaxLeaseTries:
			outcome = "irrevocable"
		}
	}
	b = strconv.AppendUint(b, failures, 10)
	b = append(b, `,"outcome":`...)
	b = appendString(b, outcome)
	if t.Failed != "" {
		b = append(b, `,"error":`...)
		b = appendString(b, hashTokens(t.Failed, d.Hasher))
	}
	return s.appendNode(append(b, '}'), st)
}
