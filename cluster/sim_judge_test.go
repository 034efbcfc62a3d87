package cluster

import (
	"math"
	"testing"

	"github.com/anishathalye/porcupine"
)

// The judge of a simulation is judged: what it must let pass, and what it must not.
func TestSimModel(t *testing.T) {
	const second = 1_000_000_000
	type ops = []porcupine.Operation
	// op takes place from one instant to another; 0: its outcome stays open.
	op := func(call, ret int64, in simInput, out simOutput) porcupine.Operation {
		if ret == 0 {
			ret, out.known = math.MaxInt64, open
		}
		return porcupine.Operation{Call: call, Return: ret, Input: in, Output: out}
	}
	var (
		yes, no = simOutput{}, simOutput{known: refused}
		again   = simOutput{replayed: true}
		root    = simInput{kind: simLogin, parent: noParent}
		short   = simInput{kind: simCreate, parent: noParent, short: true, earliest: 5 * second}
		child   = simInput{kind: simCreate, token: 1}
		counted = simInput{kind: simCreate, token: 1, uses: 2, key: 1}
		see     = func(i int8) simInput { return simInput{kind: simLookup, token: i} }
		use     = simInput{kind: simUse, token: 1}
		forbid  = simInput{kind: simForbidden, token: 1}
		revoke  = simInput{kind: simRevoke}
		cut     = simInput{kind: simCut}
		renew   = simInput{kind: simRenew, earliest: 8 * second}
	)
	for _, tt := range []struct {
		name  string
		ops   ops
		legal bool
	}{
		{"a child is seen", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, see(1), yes)}, true},
		{"an acknowledged child is lost", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, see(1), no)}, false},
		{"a child of nobody", ops{op(3, 4, child, yes)}, false},
		{"a child falls with its parent", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, revoke, yes), op(7, 8, see(1), no)}, true},
		{"a child outlives its parent", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, revoke, yes), op(7, 8, see(1), yes)}, false},
		{"a child of a dead parent", ops{op(1, 2, root, yes), op(3, 4, revoke, yes), op(5, 6, child, yes)}, false},
		{"seen beside a revocation", ops{op(1, 2, root, yes), op(3, 9, revoke, yes), op(5, 6, see(0), yes)}, true},
		{"revived", ops{op(1, 2, root, yes), op(3, 9, revoke, yes), op(4, 5, see(0), no), op(6, 7, see(0), yes)}, false},
		{"an orphan lives on", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, cut, yes), op(7, 8, see(1), yes), op(7, 8, see(0), no)}, true},
		{"an orphan falls", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, cut, yes), op(7, 8, see(1), no)}, false},
		{"revived by revoke-orphan", ops{op(1, 2, root, yes), op(3, 4, child, yes), op(5, 6, revoke, yes), op(7, 8, cut, yes)}, false},
		{"open, never done", ops{op(1, 2, root, yes), op(3, 0, revoke, yes), op(5, 6, see(0), yes)}, true},
		{"open, done late", ops{op(1, 2, root, yes), op(3, 0, revoke, yes), op(5, 6, see(0), yes), op(7, 8, see(0), no)}, true},
		{"open, done and undone", ops{op(1, 2, root, yes), op(3, 0, revoke, yes), op(5, 6, see(0), no), op(7, 8, see(0), yes)}, false},

		{"all uses", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, use, yes), op(5, 6, use, yes), op(7, 8, use, no)}, true},
		{"a use too many", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, use, yes), op(5, 6, use, yes), op(7, 8, use, yes)}, false},
		{"a use that is not there", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, use, yes), op(7, 8, use, no)}, false},
		{"an open use may be the last", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, use, yes), op(5, 0, use, yes), op(7, 8, use, no)}, true},
		{"a refusal costs a use", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, use, yes), op(7, 8, forbid, no), op(9, 10, use, no)}, true},
		{"a refusal costs nothing", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, use, yes), op(7, 8, forbid, no), op(9, 10, use, yes)}, false},

		{"a key is recognised", ops{op(1, 2, root, yes), op(3, 0, counted, yes), op(5, 6, counted, again)}, true},
		{"a key is not recognised", ops{op(1, 2, root, yes), op(3, 4, counted, yes), op(5, 6, counted, yes)}, false},
		{"a key that nobody used is recognised", ops{op(1, 2, root, yes), op(5, 6, counted, again)}, false},

		{"expires", ops{op(1, 2, short, yes), op(3, 4, see(0), simOutput{known: refused, latest: 6 * second})}, true},
		{"expires too soon", ops{op(1, 2, short, yes), op(3, 4, see(0), simOutput{known: refused, latest: 4 * second})}, false},
		{"expired and back", ops{op(1, 2, short, yes), op(3, 4, see(0), simOutput{known: refused, latest: 6 * second}), op(5, 6, see(0), yes)}, false},
		{"alive past its deadline", ops{op(1, 2, short, yes), op(3, 4, see(0), simOutput{deadline: 5 * second, clock: 6 * second})}, false},
		{"the deadline moves", ops{op(1, 2, short, yes), op(3, 4, see(0), simOutput{deadline: 5 * second, clock: 1}), op(5, 6, see(0), simOutput{deadline: 6 * second, clock: 1})}, false},
		{"the deadline moves by a renewal", ops{op(1, 2, short, yes), op(3, 4, see(0), simOutput{deadline: 5 * second, clock: 1}), op(5, 6, renew, simOutput{deadline: 8 * second, clock: 2}), op(7, 8, see(0), simOutput{deadline: 8 * second, clock: 7 * second})}, true},
		{"the clock falls", ops{op(1, 2, root, yes), op(3, 4, see(0), simOutput{clock: 9}), op(5, 6, see(0), simOutput{clock: 8})}, false},
	} {
		if got := porcupine.CheckOperations(simModel, tt.ops); got != tt.legal {
			t.Errorf("%s: legal is %v", tt.name, got)
		}
	}
}

func TestBackwards(t *testing.T) {
	for name, tt := range map[string]struct {
		spans []span
		wrong int
	}{
		"in order":         {[]span{{1, 2, 5, "a"}, {3, 4, 5, "b"}, {5, 6, 7, "c"}}, 0},
		"at the same time": {[]span{{1, 4, 7, "a"}, {2, 3, 5, "b"}}, 0},
		"stale":            {[]span{{1, 2, 7, "a"}, {3, 4, 5, "b"}}, 1},
	} {
		if wrong := backwards(tt.spans); len(wrong) != tt.wrong {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
