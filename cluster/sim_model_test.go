package cluster

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/jeton-io/jeton/fsm"
)

// simTokens bounds a tree, so that a state of it is a value that can be compared.
const simTokens = 6

const noParent = -1

// modelToken is a token as a client may think of it.
type modelToken struct {
	born, dead bool
	parent     int8
	counted    bool
	left       int16
	short      bool
	deadline   fsm.Instant // of a short one; 0: nobody was told
	earliest   fsm.Instant // the deadline is not before that
}

// modelTree is what one machine, asked one thing after the other, would know of a
// tree. It is written without a look at the real one's means: no marks, no sweeps, no
// window of session numbers, only what clients may rely on.
type modelTree struct {
	clock  fsm.Instant // of the log; it never falls
	keys   uint64      // that were recognised as new, a bit each
	tokens [simTokens]modelToken
}

// simModel judges each tree by itself, which keeps the search small.
var simModel = porcupine.Model{
	Partition: partitionByTree,
	Init:      func() any { return modelTree{} },
	Step: func(state, input, output any) (bool, any) {
		next, ok := state.(modelTree).step(input.(simInput), output.(simOutput))
		return ok, next
	},
	DescribeOperation: func(input, output any) string { return describe(input.(simInput), output.(simOutput)) },
}

func partitionByTree(ops []porcupine.Operation) [][]porcupine.Operation {
	var parts [][]porcupine.Operation
	at := make(map[int]int)
	for _, op := range ops {
		tree := op.Input.(simInput).tree
		i, ok := at[tree]
		if !ok {
			i = len(parts)
			at[tree] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], op)
	}
	return parts
}

// step says whether a request can be answered like that now, and what comes of it. A
// request whose outcome is open may always be answered: that it was without effect is
// the same as that it takes effect last.
func (m modelTree) step(in simInput, out simOutput) (modelTree, bool) {
	if out.clock != 0 {
		if out.clock < m.clock {
			return m, false
		}
		m.clock = out.clock
	}
	if seen := in.key > 0 && m.keys&(1<<in.key) != 0; seen || out.replayed {
		return m, out.known == open || seen && out.replayed && out.known == accepted
	}
	judged, yes := in.judged(), in.kind == simLogin
	if !yes {
		yes = m.alive(judged)
	}
	if yes && out.known == refused && in.kind != simForbidden {
		return m, m.expire(judged, out.latest)
	}
	if !yes {
		return m, out.known != accepted
	}
	m.keys |= 1 << in.key // bit 0 is nobody's
	return m.effect(in, out)
}

// judged is the token that has to be alive for a request to be accepted.
func (in *simInput) judged() int8 {
	if in.kind == simCreate {
		return in.parent
	}
	return in.token
}

func (m *modelTree) alive(i int8) bool {
	for ; i != noParent; i = m.tokens[i].parent {
		t := &m.tokens[i]
		if !t.born || t.dead || t.deadline != 0 && t.deadline <= m.clock {
			return false
		}
	}
	return true
}

// expire explains a refusal by the one token above that can have expired, if the
// log's time can have been there. What has expired stays so.
func (m *modelTree) expire(i int8, latest fsm.Instant) bool {
	for ; i != noParent; i = m.tokens[i].parent {
		if t := &m.tokens[i]; t.short && max(t.deadline, t.earliest) <= latest {
			t.dead = true
			return true
		}
	}
	return false
}

// effect is what an accepted request does, or one whose outcome is open.
func (m modelTree) effect(in simInput, out simOutput) (modelTree, bool) {
	t := &m.tokens[in.token]
	switch in.kind {
	case simCreate, simLogin:
		if t.born {
			return m, false // no text is used twice
		}
		*t = modelToken{born: true, parent: in.parent, counted: in.uses > 0, left: in.uses, short: in.short, earliest: in.earliest}
		return m, true
	case simLend:
		return m, true
	case simLookup:
		return m, m.told(t, out)
	case simUse, simForbidden:
		t.left--
		t.dead = t.left == 0
		return m, (out.known == refused) == (in.kind == simForbidden) && out.left <= t.left || out.known == open
	case simRenew:
		t.deadline, t.earliest = 0, max(in.earliest, t.deadline)
		return m, m.told(t, out)
	case simRevoke:
		t.dead = true
		return m, true
	case simCut:
		t.dead = true
		for i := range m.tokens {
			if c := &m.tokens[i]; c.born && c.parent == in.token {
				c.parent = noParent
			}
		}
		return m, true
	}
	panic(fmt.Sprintf("request of kind %d", in.kind))
}

// told takes in what an answer shows of a short token: a deadline stays as it is until
// a renewal, and no token is shown alive past its own.
func (m *modelTree) told(t *modelToken, out simOutput) bool {
	if !t.short || out.deadline == 0 {
		return true
	}
	if t.deadline == 0 && out.deadline >= t.earliest {
		t.deadline = out.deadline
	}
	return t.deadline == out.deadline && m.clock < t.deadline
}

func describe(in simInput, out simOutput) string {
	s := fmt.Sprintf("%s %d", [...]string{"create", "login", "look up", "use", "use on a forbidden path", "renew", "revoke", "revoke-orphan", "lend to"}[in.kind], in.token)
	if in.kind == simCreate {
		s += fmt.Sprintf(" below %d", in.parent)
		if in.uses > 0 {
			s += fmt.Sprintf(" with %d uses", in.uses)
		}
	}
	if in.short {
		s += " (short-lived)"
	}
	if in.key > 0 {
		s += fmt.Sprintf(" key %d", in.key)
	}
	s += ": " + [...]string{"accepted", "refused", "open"}[out.known]
	if out.replayed {
		s += ", replayed"
	}
	if out.deadline != 0 {
		s += fmt.Sprintf(", deadline %d", out.deadline)
	}
	if out.clock != 0 {
		s += fmt.Sprintf(", log time %d", out.clock)
	}
	return s
}
