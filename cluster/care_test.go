package cluster

import (
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

func careServers(voters, readers string) (list []raft.Server) {
	for _, id := range voters {
		list = append(list, raft.Server{ID: raft.ServerID(id), Suffrage: raft.Voter})
	}
	for _, id := range readers {
		list = append(list, raft.Server{ID: raft.ServerID(id), Suffrage: raft.Nonvoter})
	}
	return list
}

// answersOf are those of a round in which the named servers answer.
func answersOf(servers []raft.Server, who string, applied uint64) []*progress {
	answers := make([]*progress, len(servers))
	for i, s := range servers {
		for _, id := range who {
			if string(id) == string(s.ID) {
				answers[i] = &progress{applied: applied, wantsVote: true}
			}
		}
	}
	return answers
}

func TestRemovable(t *testing.T) {
	a := fsm.Autopilot{DeadAfter: time.Hour, LastContact: time.Second, TrailingLogs: 10, MinQuorum: 3}
	for _, tt := range []struct {
		name            string
		voters, readers string
		alive           string // the others have been silent for DeadAfter
		want            string
	}{
		{"nobody is dead", "abcde", "", "abcde", ""},
		{"one of five", "abcde", "", "abcd", "e"},
		{"two of five, one at a time", "abcde", "", "abc", "e"},
		{"three of five", "abcde", "", "ab", ""},
		{"one of four leaves three", "abcd", "", "abc", "d"},
		{"one of three leaves too few", "abc", "", "ab", ""},
		{"two of four are no majority", "abcd", "", "ab", ""},
		{"a reader goes always", "abc", "r", "abc", "r"},
		{"a reader first", "abcde", "r", "abcd", "r"},
		{"a reader that lives", "abcd", "r", "abcr", "d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin := time.Now()
			c, servers := newCare(), careServers(tt.voters, tt.readers)
			c.note(servers, answersOf(servers, tt.voters+tt.readers, 100), a, 100, begin)
			if got := c.removable(servers, a, begin.Add(a.DeadAfter-1)); got != "" {
				t.Errorf("%s is dead too early", got)
			}
			later := begin.Add(a.DeadAfter)
			c.note(servers, answersOf(servers, tt.alive, 200), a, 200, later)
			if got := c.removable(servers, a, later); got != tt.want {
				t.Errorf("removes %q, want %q", got, tt.want)
			}
		})
	}
}

// A leader that has just begun knows of nobody's death.
func TestANewLeaderWaits(t *testing.T) {
	a := fsm.Autopilot{DeadAfter: time.Hour, LastContact: time.Second, MinQuorum: 3}
	begin := time.Now()
	c, servers := newCare(), careServers("abcde", "")
	c.note(servers, answersOf(servers, "abcd", 1), a, 1, begin)
	c.note(servers, answersOf(servers, "abcd", 1), a, 1, begin.Add(time.Minute))
	if got := c.removable(servers, a, begin.Add(time.Minute)); got != "" {
		t.Errorf("removes %q", got)
	}
	c.note(servers, answersOf(servers, "abcd", 1), a, 1, begin.Add(time.Hour))
	if got := c.removable(servers, a, begin.Add(time.Hour)); got != "e" {
		t.Errorf("removes %q, want e", got)
	}
}

func TestStability(t *testing.T) {
	a := fsm.Autopilot{LastContact: 2 * time.Second, Stabilization: 3 * time.Second, TrailingLogs: 10}
	begin := time.Now()
	c, servers := newCare(), careServers("a", "n")
	for i, step := range []struct {
		after   time.Duration
		answers string
		applied uint64
		want    bool
	}{
		{0, "an", 80, false}, // too far behind the leader, which is at 100
		{1 * time.Second, "an", 90, false},
		{3 * time.Second, "an", 100, false},
		{4 * time.Second, "an", 100, true},
		{5 * time.Second, "a", 0, true}, // one answer that is lost is none too many
		{8 * time.Second, "a", 0, false},
		{9 * time.Second, "an", 100, false},
		{12 * time.Second, "an", 100, true},
	} {
		now := begin.Add(step.after)
		c.note(servers, answersOf(servers, step.answers, step.applied), a, 100, now)
		if got := c.stable("n", a, now); got != step.want {
			t.Errorf("step %d: stable: %v, want %v", i, got, step.want)
		}
	}
	if c.stable("nobody", a, begin) {
		t.Error("who is not there is stable")
	}
}

func TestHealthCrossesTheWire(t *testing.T) {
	for _, h := range []Health{
		{},
		{ServerID: "n1-0123456789abcdef", NodeID: "n1", Voter: true, Leader: true, Healthy: true, Heard: true, LastContact: time.Second, Applied: 7, Term: 3, StableSince: time.Unix(5, 6), SealKeys: []string{"0123456789abcdef", "k"}},
		{ServerID: "n2-0123456789abcdef", NodeID: "n2", Heard: true, LastContact: time.Hour},
	} {
		got, err := decodeHealth(h.encode())
		if err != nil || !reflect.DeepEqual(got, h) {
			t.Errorf("%+v, want %+v (%v)", got, h, err)
		}
		for cut := range h.encode() {
			if _, err := decodeHealth(h.encode()[:cut]); err == nil {
				t.Errorf("%d bytes of %+v decode", cut, h)
			}
		}
	}
}
