package cluster

import (
	"fmt"
	"time"
)

// A blow breaks something of the cluster, has the clients work on as far as they can,
// and mends it.
type blow struct {
	chance int // in proportion to the others'
	name   string
	strike func(s *sim, victim int)
}

// blows are drawn by chance, the victim too, each second time the leader. What takes
// seconds to mend is drawn less often.
var blows = []blow{
	{3, "is cut off", func(s *sim, i int) { s.apart(i, lineCut) }},
	{3, "is cut off, its connections hang", func(s *sim, i int) { s.apart(i, lineHang) }},
	{3, "hears nobody", func(s *sim, i int) {
		s.network(func(_, to string) lineState { return when(to == s.name(i), lineHang) })
	}},
	{3, "is heard by nobody", func(s *sim, i int) {
		s.network(func(from, _ string) lineState { return when(from == s.name(i), lineHang) })
	}},
	{3, "and others lose each other", (*sim).halves},
	{3, "crashes", (*sim).crashOne},
	{3, "crashes with all others", (*sim).crashAll},
	{3, "crashes when its disk fails half-way through a write", (*sim).tear},
	{3, "stalls: disk and network hang", (*sim).stall},
	{3, "takes a snapshot and crashes", (*sim).snapshotAndCrash},
	{3, "makes all others install a snapshot", (*sim).leaveBehind},
	{3, "gives leadership away, if it has it", (*sim).moveLeadership},
	{1, "is removed, wiped, and joins again", (*sim).replace},
}

// A condition is what besides is wrong while a blow is struck, half the time.
type condition struct {
	name  string
	alone bool // the cluster does not stand it with another node down
	begin func(s *sim, victim int)
	end   func(s *sim, victim int)
}

var conditions = []condition{
	{"slow disk", false, func(s *sim, i int) { s.disks[i].set(diskSlow) }, func(s *sim, i int) { s.disks[i].set(diskFine) }},
	{"slow machine", false, func(s *sim, i int) { s.machines[i].set(true) }, func(s *sim, i int) { s.machines[i].set(false) }},
	{"clock a little off", false, func(s *sim, i int) { s.setClock(i, 3*time.Second) }, func(s *sim, i int) { s.setClock(i, 0) }},
	{"clock behind", false, func(s *sim, i int) { s.setClock(i, -3*time.Second) }, func(s *sim, i int) { s.setClock(i, 0) }},
	{"clock wrong", true, func(s *sim, i int) { s.setClock(i, time.Minute) }, func(s *sim, i int) { s.setClock(i, 0) }},
	{"slow network", false, func(s *sim, _ int) { s.weather(lineSlow) }, func(s *sim, _ int) { s.weather(lineUp) }},
	{"lossy network", false, func(s *sim, _ int) { s.weather(lineLossy) }, func(s *sim, _ int) { s.weather(lineUp) }},
}

// strike draws a blow, perhaps under a condition, and waits until all is well again.
func (s *sim) strike() {
	b, victim := s.drawBlow(), s.rand.IntN(len(s.nodes))
	aimed := s.rand.IntN(2) == 0
	c, other := conditions[s.rand.IntN(len(conditions))], s.rand.IntN(len(s.nodes))
	adverse := s.rand.IntN(2) == 0
	if aimed {
		victim = s.leader()
	}
	text := ""
	if c.alone || aimed && other%2 == 0 { // what is wrong with a leader shows when it falls
		other = victim
	}
	if adverse {
		text = fmt.Sprintf(" (%s: %s)", s.name(other), c.name)
		c.begin(s, other)
	}
	s.Logf("seed %d, %s: %s %s%s", s.seed, time.Since(s.history.begin).Round(time.Millisecond), s.name(victim), b.name, text)
	b.strike(s, victim)
	if adverse {
		c.end(s, other)
	}
	s.awaitReady()
	s.progress()
	for i, f := range s.faults {
		select {
		case err := <-f:
			s.Errorf("%s gave up: %v", s.name(i), err)
		default:
		}
	}
}

func (s *sim) drawBlow() blow {
	all := 0
	for _, b := range blows {
		all += b.chance
	}
	n := s.rand.IntN(all)
	for _, b := range blows {
		if n -= b.chance; n < 0 {
			return b
		}
	}
	panic("no blow has a chance")
}

func (s *sim) name(i int) string { return s.cfgs[i].NodeID }

func when(yes bool, state lineState) lineState {
	if yes {
		return state
	}
	return lineUp
}

// progress waits until the clients have had some more answers.
func (s *sim) progress() {
	want := s.answers.Load() + simOpsABlow
	await(s, "answers in spite of the fault", func() bool { return s.answers.Load() >= want || s.Failed() })
}

// weather is the state of all lines that nothing else is wrong with.
func (s *sim) weather(w lineState) {
	s.sky = w
	s.net.set(func(string, string) lineState { return w })
}

// network puts lines into a state until the clients have gone on.
func (s *sim) network(state func(from, to string) lineState) {
	sky := s.sky
	s.net.set(func(from, to string) lineState {
		if st := state(from, to); st != lineUp {
			return st
		}
		return sky
	})
	s.progress()
	s.weather(sky)
}

func (s *sim) apart(i int, state lineState) {
	s.network(func(from, to string) lineState { return when(from == s.name(i) || to == s.name(i), state) })
}

// halves puts the victim into the minority, with as many as fit.
func (s *sim) halves(victim int) {
	few := map[string]bool{s.name(victim): true}
	for i := range s.nodes {
		if len(few) < (len(s.nodes)-1)/2 {
			few[s.name(i)] = true
		}
	}
	s.network(func(from, to string) lineState { return when(few[from] != few[to], lineCut) })
}

func (s *sim) crashOne(i int) {
	s.crash(i)
	s.progress()
	s.start(i)
}

func (s *sim) crashAll(int) {
	for i := range s.nodes {
		s.crash(i)
	}
	for i := range s.nodes {
		s.start(i)
	}
}

// tear has a write fail: what is on the disk then is unknown, so the node must end
// before it acknowledges anything.
func (s *sim) tear(i int) {
	s.disks[i].set(diskTorn)
	select {
	case <-s.faults[i]:
	case <-time.After(30 * time.Second):
		s.Errorf("%s goes on although its disk fails", s.name(i))
	}
	s.crash(i)
	s.disks[i].set(diskFine)
	s.progress()
	s.start(i)
}

// stall is what a stopped process or a paused machine looks like: it does nothing and
// hears nothing, and then goes on as if no time had passed.
func (s *sim) stall(i int) {
	s.disks[i].set(diskHang)
	s.apart(i, lineHang)
	s.disks[i].set(diskFine)
}

func (s *sim) snapshotAndCrash(i int) {
	if err := settled(s.nodes[i].raft.Snapshot(), s.nodes[i].down); err != nil {
		s.Logf("snapshot: %v", err)
	}
	s.crashOne(i)
}

// leaveBehind has a node away while all others compact their logs: it is sent a
// snapshot when it is back.
func (s *sim) leaveBehind(i int) {
	s.crash(i)
	for range 3 {
		s.progress()
	}
	for _, n := range s.all() {
		if n != nil {
			if err := settled(n.raft.Snapshot(), n.down); err != nil {
				s.Logf("snapshot: %v", err)
			}
		}
	}
	s.start(i)
}

func (s *sim) moveLeadership(i int) {
	ctx, cancel := testContext(s)
	defer cancel()
	if err := s.nodes[i].StepDown(ctx); err != nil {
		s.Logf("step down: %v", err)
	}
	s.progress()
}

// replace ends when the newcomer votes: before that the cluster can not spare another.
func (s *sim) replace(i int) {
	ctx, cancel := testContext(s)
	defer cancel()
	former := s.nodes[i].serverID
	s.crash(i)
	s.cfgs[i].DataDir = s.TempDir()
	if s.rand.IntN(2) == 0 {
		if err := s.nodes[s.leader()].RemovePeer(ctx, former); err != nil {
			s.Logf("remove %s: %v", former, err)
		}
	}
	n := s.start(i)
	await(s, "the newcomer's vote", func() bool {
		leader := s.nodes[s.leader()]
		return leader.isVoter(n.serverID) && !leader.isMember(former)
	})
}

// setClock sets by how much a node's clock is off.
func (s *sim) setClock(i int, off time.Duration) {
	s.history.off(off)
	s.clocks[i].Store(int64(off))
}
