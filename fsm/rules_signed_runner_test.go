package fsm_test

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// standing is what is known of a runner: its state and labels, and what it was.
func standing(l *fsmtest.Lab, id string) string {
	r, ok := l.State().Runner(id)
	if !ok {
		return "none"
	}
	s := fmt.Sprintf("%s %d", r.State, r.LabelHash)
	if r.Before != nil {
		s += fmt.Sprintf(", was %s %d", r.Before.State, r.Before.LabelHash)
	}
	return s
}

// What happens to the runner r, whose labels hash to a number, one after another.
type deed func(*fsmtest.Lab)

func registers(labels uint64) deed {
	return func(l *fsmtest.Lab) { l.Must("", fsmtest.Register("r", labels)) }
}

func registersAs(kind fsm.RunnerKind, labels uint64) deed {
	return func(l *fsmtest.Lab) {
		c := fsmtest.Register("r", labels)
		c.Runner.Kind = kind
		l.Must("", c)
	}
}

// online is r with a token of its own, for any labels.
func online(labels uint64) deed {
	return func(l *fsmtest.Lab) { l.Must("own", fsmtest.Online("r", labels)) }
}

func adopt(yes bool) deed {
	return func(l *fsmtest.Lab) { l.Must("admin", &fsm.RunnerAdopt{ID: "r", Adopt: yes}) }
}

func leaves(l *fsmtest.Lab)      { l.Must("", &fsm.RunnerOffline{ID: "r"}) }
func isForgotten(l *fsmtest.Lab) { l.Must("admin", &fsm.RunnerForget{ID: "r"}) }
func isSilent(l *fsmtest.Lab) {
	l.Wait(fsm.RunnerPatience)
	l.Clean(1)
}

func TestRunnerStanding(t *testing.T) {
	for _, tt := range []struct {
		rule string
		do   []deed
		want string
	}{
		{"a new one is pending", []deed{registers(1)}, "PENDING 1"},
		{"a pending one is forgotten when it leaves", []deed{registers(1), leaves}, "none"},
		{"or is silent", []deed{registers(1), isSilent}, "none"},
		{"leaving is no deed of an unknown one", []deed{leaves}, "none"},
		{"adoption stays", []deed{registers(1), adopt(true), leaves, isSilent}, "ADOPTED 1"},
		{"rejection stays", []deed{registers(1), adopt(false), leaves, isSilent}, "REJECTED 1"},
		{"an adopted one may be rejected", []deed{registers(1), adopt(true), adopt(false)}, "REJECTED 1"},
		{"a rejected one adopted", []deed{registers(1), adopt(false), adopt(true)}, "ADOPTED 1"},
		{"with the same labels it is what it was", []deed{registers(1), adopt(true), registers(1)}, "ADOPTED 1"},
		{"rejected, too", []deed{registers(1), adopt(false), registers(1)}, "REJECTED 1"},
		{"with other labels it waits", []deed{registers(1), adopt(true), registers(2)}, "PENDING 2, was ADOPTED 1"},
		{"from none to some", []deed{registers(0), adopt(true), registers(2)}, "PENDING 2, was ADOPTED 0"},
		{"rejected it waits, too", []deed{registers(1), adopt(false), registers(2)}, "PENDING 2, was REJECTED 1"},
		{"and is what it was when it leaves", []deed{registers(1), adopt(true), registers(2), leaves}, "ADOPTED 1"},
		{"or is silent", []deed{registers(1), adopt(false), registers(2), isSilent}, "REJECTED 1"},
		{"or has the old labels again", []deed{registers(1), adopt(true), registers(2), registers(1)}, "ADOPTED 1"},
		{"third labels change nothing in that", []deed{registers(1), adopt(false), registers(2), registers(3)}, "PENDING 3, was REJECTED 1"},
		{"a new decision is on the new labels", []deed{registers(1), adopt(false), registers(2), adopt(true), leaves}, "ADOPTED 2"},
		{"and a rejection", []deed{registers(1), adopt(true), registers(2), adopt(false), leaves}, "REJECTED 2"},
		{"a token preadopts", []deed{online(1)}, "PREADOPTED 1"},
		{"a pending one, too", []deed{registers(1), online(1)}, "PREADOPTED 1"},
		{"which goes when it leaves", []deed{online(1), leaves}, "none"},
		{"and waits with other labels", []deed{online(1), registers(2)}, "PENDING 2"},
		{"until it shows its token again", []deed{online(1), registers(2), online(2)}, "PREADOPTED 2"},
		{"an adopted one stays adopted", []deed{registers(1), adopt(true), online(1)}, "ADOPTED 1"},
		{"but for its labels", []deed{registers(1), adopt(true), online(2)}, "PREADOPTED 2, was ADOPTED 1"},
		{"and is adopted again when it leaves", []deed{registers(1), adopt(true), online(2), leaves}, "ADOPTED 1"},
		{"a forgotten one is unknown", []deed{registers(1), adopt(false), isForgotten}, "none"},
		{"forgetting twice is nothing", []deed{isForgotten, isForgotten}, "none"},
		{"its token brings it back", []deed{registers(1), adopt(true), isForgotten, online(1)}, "PREADOPTED 1"},

		{"a local one is forgotten when it leaves, adopted or not", []deed{registersAs(fsm.RunnerLocal, 1), adopt(true), leaves}, "none"},
		{"or is silent", []deed{registersAs(fsm.RunnerODR, 1), adopt(true), isSilent}, "none"},
		{"one on demand, too", []deed{registersAs(fsm.RunnerOldODR, 1), adopt(true), leaves}, "none"},
		{"but not if it was rejected", []deed{registersAs(fsm.RunnerLocal, 1), adopt(false), leaves, isSilent}, "REJECTED 1"},
		{"nor does it become local to be forgotten", []deed{registers(1), adopt(true), registersAs(fsm.RunnerLocal, 1), leaves}, "ADOPTED 1"},
		{"with other labels neither", []deed{registers(1), adopt(true), registersAs(fsm.RunnerODR, 2), leaves, leaves}, "ADOPTED 1"},
		{"rejected neither", []deed{registers(1), adopt(false), registersAs(fsm.RunnerLocal, 2), isSilent, isSilent}, "REJECTED 1"},
		{"what waits and is silent for long is what it was, and then goes",
			[]deed{registersAs(fsm.RunnerLocal, 1), adopt(true), registersAs(fsm.RunnerLocal, 2), isSilent}, "none"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			l.Must("root", fsmtest.RunnerToken("own", "r", 0))
			for _, do := range tt.do {
				do(l)
				if err := fsm.CheckInvariants(l.State()); err != nil {
					t.Fatal(err)
				}
			}
			if got := standing(l, "r"); got != tt.want {
				t.Fatalf("%s, want %s", got, tt.want)
			}
		})
	}
}

// What a runner says of its own standing counts for nothing; the first time that it
// was seen stays.
func TestRunnerRegister(t *testing.T) {
	l := waypoint(t)
	first := l.At
	boast := runnerSample()
	boast.ID, boast.Kind = "r", fsm.RunnerRemote
	got := l.Must("", &fsm.RunnerRegister{Runner: boast}).(*fsm.RunnerStanding)
	if got.State != fsm.RunnerPending || got.Decided != 0 || got.Serial != l.State().Serial {
		t.Fatalf("standing %+v", got)
	}
	l.Wait(min5 / 5)
	l.Must("admin", &fsm.RunnerAdopt{ID: "r", Adopt: true})
	decided := l.State().Serial
	got = l.Must("", &fsm.RunnerRegister{Runner: boast}).(*fsm.RunnerStanding)
	r, _ := l.State().Runner("r")
	if got.State != fsm.RunnerAdopted || got.Decided != decided || r.FirstSeen != first || r.LastSeen != l.At || r.Decided != decided ||
		len(r.Components) != 1 || len(r.Labels) != 1 || !r.ByIDOnly || r.Profile != boast.Profile {
		t.Fatalf("standing %+v of %+v", got, r)
	}
	if l.State().CountRunners() != 1 {
		t.Error("there are others")
	}
}

// A runner that is heard of in time is not forgotten.
func TestRunnerPatience(t *testing.T) {
	l := waypoint(t)
	for range 3 {
		registers(1)(l)
		l.Wait(fsm.RunnerPatience - 1)
		l.Clean(10)
		if got := standing(l, "r"); got != "PENDING 1" {
			t.Fatal(got)
		}
	}
	if next := l.State().NextExpiry(); next != l.At+1 {
		t.Errorf("next expiry in %v", next.Sub(l.At))
	}
	// Many at once, few at a time.
	for i := range 20 {
		l.Must("", fsmtest.Register(fmt.Sprint("n", i), 1))
	}
	isSilent(l)
	if n := l.State().CountRunners(); n != 0 {
		t.Errorf("%d runners are left", n)
	}
}

func TestRunnerAdoptRefused(t *testing.T) {
	l := waypoint(t)
	for _, yes := range []bool{true, false} {
		if err := l.Refused("admin", &fsm.RunnerAdopt{ID: "r", Adopt: yes}, fsm.RunnerNotFound); err.Code != fsm.NotFound {
			t.Errorf("code %d", err.Code)
		}
	}
	for _, id := range []string{"", "a/b", "..", "a b", long(fsm.MaxSignedIDBytes + 1)} {
		for _, c := range []fsm.Command{
			&fsm.RunnerAdopt{ID: id}, &fsm.RunnerForget{ID: id}, &fsm.RunnerOffline{ID: id},
			&fsm.RunnerClaim{ID: id, Accessor: fsmtest.Accessor("x")}, fsmtest.Register(id, 1), fsmtest.Online(id, 1),
			&fsm.RunnerImport{Runner: fsmtest.Runner(id, 1)},
		} {
			if err, ok := c.Validate().(*fsm.Error); !ok || err.Reason != fsm.RunnerIDBad {
				t.Errorf("%s of %q: %v", fsm.Name(c), id, err)
			}
		}
	}
}

func TestRunnerImport(t *testing.T) {
	l := waypoint(t)
	boast := runnerSample()
	boast.ID = "r"
	l.Refused("admin", &fsm.RunnerImport{Runner: boast}, fsm.PermissionDenied)
	for _, state := range []fsm.AdoptionState{fsm.RunnerAdopted, fsm.RunnerRejected, fsm.RunnerPending} {
		boast.State = state
		l.Must("root", &fsm.RunnerImport{Runner: boast})
		r, _ := l.State().Runner("r")
		if r.State != state || r.FirstSeen != fsmtest.Start || r.LastSeen != l.At || r.Decided != l.State().Serial {
			t.Fatalf("%+v", r)
		}
		l.Wait(1)
	}
	boast.Before = &fsm.RunnerBefore{}
	if err, ok := (&fsm.RunnerRegister{Runner: boast}).Validate().(*fsm.Error); !ok || err.Reason != fsm.OutOfRange {
		t.Errorf("what it was before is taken from it: %v", err)
	}
	// An imported runner that waits is what was imported when it leaves.
	l.Must("root", &fsm.RunnerImport{Runner: fsm.Runner{ID: "s", Kind: fsm.RunnerRemote, LabelHash: 1, State: fsm.RunnerAdopted}})
	l.Must("", fsmtest.Register("s", 2))
	l.Must("root", &fsm.RunnerImport{Runner: fsm.Runner{ID: "s", Kind: fsm.RunnerRemote, LabelHash: 3, State: fsm.RunnerRejected}})
	l.Must("", &fsm.RunnerOffline{ID: "s"})
	if got := standing(l, "s"); got != "REJECTED 3" {
		t.Error(got)
	}
}
