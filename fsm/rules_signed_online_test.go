package fsm_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// A runner gets the token that it waited for, which is one made after it had asked.
func TestRunnerClaim(t *testing.T) {
	claim := func(labels, since uint64) *fsm.RunnerClaim {
		return &fsm.RunnerClaim{ID: "r", LabelHash: labels, Since: since, Accessor: fsmtest.Accessor("x")}
	}
	for _, tt := range []struct {
		rule   string
		do     []deed
		labels uint64
		late   bool // it asks once more, after all that
		want   fsm.Reason
	}{
		{"unknown", nil, 1, false, fsm.RunnerUnknown},
		{"pending", []deed{registers(1)}, 1, false, fsm.RunnerIsPending},
		{"preadopted", []deed{online(1)}, 1, false, fsm.RunnerIsPending},
		{"rejected", []deed{registers(1), adopt(false)}, 1, false, fsm.RunnerIsRejected},
		{"adopted", []deed{registers(1), adopt(true)}, 1, false, 0},
		{"adopted with no labels", []deed{registers(0), adopt(true)}, 0, false, 0},
		{"adopted with other labels", []deed{registers(2), adopt(true)}, 1, false, fsm.RunnerIsPending},
		{"adopted and waiting with these", []deed{registers(2), adopt(true), registers(1)}, 1, false, fsm.RunnerIsPending},
		{"adopted before it asked", []deed{registers(1), adopt(true), registers(1)}, 1, true, fsm.RunnerHasToken},
		{"adopted once more", []deed{registers(1), adopt(true)}, 1, true, fsm.RunnerHasToken},
		{"rejected before it asked", []deed{registers(1), adopt(false)}, 1, true, fsm.RunnerIsRejected},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			l.Must("root", fsmtest.RunnerToken("own", "r", 0))
			since := l.State().Serial
			for _, do := range tt.do {
				do(l)
			}
			if tt.late {
				since = l.Must("", fsmtest.Register("r", tt.labels)).(*fsm.RunnerStanding).Serial
			}
			if tt.want != 0 {
				if err := l.Refused("", claim(tt.labels, since), tt.want); err.Code != fsm.Denied {
					t.Errorf("code %d", err.Code)
				}
				return
			}
			for range 2 { // as many as wait
				made := l.Must("", claim(tt.labels, since)).(*fsm.SignedMade).Token
				if want := said(l, "x", fsm.SignedToken{Kind: fsm.SignedRunner, Runner: "r", LabelHash: tt.labels}); made != want {
					t.Fatalf("made %+v", made)
				}
			}
		})
	}
}

func TestRunnerOnline(t *testing.T) {
	both := []deed{registers(1), adopt(false)}
	for _, tt := range []struct {
		rule   string
		do     []deed
		who    string
		id     string
		labels uint64
		want   fsm.Reason
	}{
		{"own token, any labels", nil, "own", "r", 7, 0},
		{"own token, its labels", nil, "labelled", "r", 1, 0},
		{"own token, other labels", nil, "labelled", "r", 2, fsm.RunnerRelabelled},
		{"own token, no labels", nil, "labelled", "r", 0, fsm.RunnerRelabelled},
		{"own token, other letter case", nil, "own", "R", 1, 0},
		{"another's token", nil, "own", "s", 1, fsm.RunnerOther},
		{"another's of the same length", nil, "own", "q", 1, fsm.RunnerOther},
		{"any token, whose labels nobody looks at", nil, "any", "r", 1, 0},
		{"a login", nil, "dave", "r", 1, 0},
		{"root", nil, "root", "r", 1, 0},
		{"pending, own token", []deed{registers(1)}, "labelled", "r", 1, 0},
		{"adopted, own token", []deed{registers(1), adopt(true)}, "labelled", "r", 1, 0},
		{"rejected, own token", both, "own", "r", 1, fsm.RunnerIsRejected},
		{"rejected, other labels", both, "own", "r", 2, fsm.RunnerIsRejected},
		{"rejected, any token", both, "any", "r", 1, fsm.RunnerIsRejected},
		{"rejected, a login", both, "dave", "r", 1, fsm.RunnerIsRejected},
		{"rejected, root", both, "root", "r", 1, fsm.RunnerIsRejected},
		{"rejected, by another name", both, "own", "R", 1, fsm.RunnerIsRejected},
		{"rejected and registered with other labels", append(both[:2:2], registers(2)), "own", "r", 2, fsm.RunnerIsRejected},
		{"rejected and adopted again", append(both[:2:2], adopt(true)), "own", "r", 1, 0},
		{"rejected and gone for long", append(both[:2:2], leaves, isSilent), "own", "r", 1, fsm.RunnerIsRejected},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			l.Must("root", fsmtest.RunnerToken("own", "r", 0))
			l.Must("root", fsmtest.RunnerToken("labelled", "r", 1))
			l.Must("root", fsmtest.RunnerToken("any", "", 9))
			for _, do := range tt.do {
				do(l)
			}
			before := standing(l, "r")
			if tt.want == 0 {
				got := l.Must(tt.who, fsmtest.Online(tt.id, tt.labels)).(*fsm.RunnerStanding)
				if got.State != fsm.RunnerPreadopted && got.State != fsm.RunnerAdopted || got.Serial != l.State().Serial {
					t.Errorf("standing %+v", got)
				}
				return
			}
			if err := l.Refused(tt.who, fsmtest.Online(tt.id, tt.labels), tt.want); err.Code != fsm.Denied {
				t.Errorf("code %d", err.Code)
			}
			if got := standing(l, "r"); got != before {
				t.Errorf("%s, was %s: the record is to stay untouched", got, before)
			}
		})
	}
}
