package fsm

import (
	"strings"
	"testing"
)

// Whoever adds a command that removes something is to think of Ends.
func TestEnds(t *testing.T) {
	others := map[Kind]bool{kindPlanned: true, kindNotBefore: true, kindRunnerAdopt: true} // a new RunnerAdopt rejects
	for kind, s := range specs {                                                           // order: each stands alone
		want := others[kind]
		for _, verb := range []string{"-revoke", "-revoke-orphan", "-delete", "-disable", "-destroy", "-retire", "-forget", "-abort"} {
			want = want || strings.HasSuffix(s.name, verb)
		}
		if got := Ends(s.command()); got != want {
			t.Errorf("%s ends something: %v, want %v", s.name, got, want)
		}
	}
	for _, tt := range []struct {
		command Command
		want    bool
	}{
		{&RunnerAdopt{Adopt: true}, false}, {&LeaseConfirm{Error: "it does not answer"}, true},
	} {
		if got := Ends(tt.command); got != tt.want {
			t.Errorf("%#v ends something: %v", tt.command, got)
		}
	}
}
