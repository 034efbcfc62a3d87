package cluster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/jeton-io/jeton/fsm"
)

// simSeen is what was seen of states, whoever's they were: at one index all nodes have
// the same, and the log's clock does not fall from one to the next.
type simSeen struct {
	mu     sync.Mutex
	states map[uint64]seenState
	spans  []span
	wrong  []string
}

type seenState struct {
	hash  fsm.Hash
	clock fsm.Instant
	node  string
}

// span is an answered request: when it was sent and answered, and the index at which
// it took effect, or whose state answered it.
type span struct {
	call, ret int64
	index     uint64
	what      string
}

func (s *simSeen) violation(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// state notes a whole state, not one in the midst of an entry.
func (s *simSeen) state(node string, st *fsm.State) {
	now := seenState{st.Hash(), st.Clock, node}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states == nil {
		s.states = make(map[uint64]seenState)
	}
	old, ok := s.states[st.Index()]
	if ok && (old.hash != now.hash || old.clock != now.clock) {
		s.wrong = append(s.wrong, fmt.Sprintf("at index %d %s and %s have different states", st.Index(), old.node, node))
	}
	s.states[st.Index()] = now
}

func (s *simSeen) span(x span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans = append(s.spans, x)
}

// judge is everything that holds for all answers together.
func (s *simSeen) judge() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(s.wrong, s.clockFalls(), backwards(s.spans))
}

func (s *simSeen) clockFalls() (wrong []string) {
	var last seenState
	indexes := make([]uint64, 0, len(s.states))
	for i := range s.states {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	for _, i := range indexes {
		if now := s.states[i]; now.clock < last.clock {
			wrong = append(wrong, fmt.Sprintf("the log's clock falls from %d to %d at index %d", last.clock, now.clock, i))
		}
		last = s.states[i]
	}
	return wrong
}

// backwards finds answers from before something that had been answered when they were
// asked for. A linearizable log has no such, whatever the requests were about.
func backwards(spans []span) (wrong []string) {
	byCall := slices.Clone(spans)
	slices.SortFunc(byCall, func(a, b span) int { return cmp.Compare(a.call, b.call) })
	byReturn := slices.Clone(spans)
	slices.SortFunc(byReturn, func(a, b span) int { return cmp.Compare(a.ret, b.ret) })
	var newest span // of those answered by then
	for _, x := range byCall {
		for len(byReturn) > 0 && byReturn[0].ret < x.call {
			if byReturn[0].index > newest.index {
				newest = byReturn[0]
			}
			byReturn = byReturn[1:]
		}
		if x.index < newest.index {
			wrong = append(wrong, fmt.Sprintf("stale: %s at %s was answered from index %d, %s had been from %d at %s",
				x.what, at(x.call), x.index, newest.what, newest.index, at(newest.ret)))
		}
	}
	return wrong
}

func at(ns int64) time.Duration { return time.Duration(ns).Round(10 * time.Microsecond) }

// simCheckTimeout bounds the search through one simulation's histories. A search that
// takes longer proves nothing, so it counts as a failure.
const simCheckTimeout = 2 * time.Minute

// judge holds everything that was answered against what may be.
func (s *sim) judge() {
	for _, w := range s.seen.judge() {
		s.Error(w)
	}
	open := 0
	for _, part := range partitionByTree(s.history.ops) {
		for _, op := range part {
			if op.Return == math.MaxInt64 {
				open++
			}
		}
		switch porcupine.CheckOperationsTimeout(simModel, part, simCheckTimeout) {
		case porcupine.Illegal:
			s.Errorf("no order of these explains all answers:\n%s", tell(part))
		case porcupine.Unknown:
			s.Errorf("no verdict within %s on:\n%s", simCheckTimeout, tell(part))
		}
	}
	s.Logf("%d trees, %d requests, %d of unknown outcome, %d states seen", len(s.history.trees), len(s.history.ops), open, len(s.seen.states))
}

func tell(part []porcupine.Operation) string {
	var b strings.Builder
	slices.SortFunc(part, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for _, op := range part {
		until := "?"
		if op.Return != math.MaxInt64 {
			until = at(op.Return).String()
		}
		fmt.Fprintf(&b, "  %s .. %s client %d: %s\n", at(op.Call), until, op.ClientId, simModel.DescribeOperation(op.Input, op.Output))
	}
	return b.String()
}
