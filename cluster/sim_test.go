package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// TestSim drives a cluster through faults chosen by a seed while clients create,
// use, look up and revoke, and holds every answer against what the client knows
// for certain. hashicorp/raft is not deterministic, so a seed repeats the schedule
// of faults and requests, not the execution.
//
//	make sim SEED=7
func TestSim(t *testing.T) {
	seeds := []uint64{1, 2}
	if s := os.Getenv("JETON_SIM_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("JETON_SIM_SEED: %v", err)
		}
		seeds = []uint64{seed}
	} else if testing.Short() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { newSim(t, seed).run() })
	}
}

const (
	simFaults    = 5
	simClients   = 6
	simOpsAFault = 40 // acknowledged answers before the next fault
)

type sim struct {
	*testCluster
	seed    uint64
	rand    *rand.Rand // the schedule's; clients have their own
	mu      sync.RWMutex
	answers atomic.Int64
	unknown atomic.Int64
}

func newSim(t *testing.T, seed uint64) *sim {
	return &sim{testCluster: startCluster(t, 3), seed: seed, rand: rand.New(rand.NewPCG(seed, 0))}
}

func (s *sim) run() {
	ctx, stop := context.WithCancel(s.Context())
	var clients sync.WaitGroup
	for i := range simClients {
		c := &simClient{sim: s, name: fmt.Sprint(i), rand: rand.New(rand.NewPCG(s.seed, uint64(i)+1))}
		clients.Go(func() {
			for ctx.Err() == nil {
				c.life(ctx)
			}
		})
	}
	for range simFaults {
		s.fault()
	}
	stop()
	clients.Wait()
	s.awaitEqual()
	s.Logf("seed %d: %d answers, %d of unknown outcome", s.seed, s.answers.Load(), s.unknown.Load())
}

// fault breaks something, lets the clients work in it, and mends it.
func (s *sim) fault() {
	victim := s.rand.IntN(len(s.nodes))
	name := s.cfgs[victim].NodeID
	switch kind := s.rand.IntN(4); kind {
	case 0, 1:
		state := []lineState{lineCut, lineHang}[kind]
		s.Logf("fault: %s isolated, connections %s", name, []string{"cut", "hanging"}[kind])
		s.net.isolate(name, state)
		s.progress()
		s.net.heal()
	case 2:
		s.Logf("fault: %s crashes", name)
		s.mu.Lock()
		s.crash(victim)
		s.mu.Unlock()
		s.progress()
		s.mu.Lock()
		s.start(victim)
		s.mu.Unlock()
		s.awaitReady()
	case 3:
		s.Logf("fault: leadership moves")
		if err := s.nodes[s.leader()].StepDown(s.Context()); err != nil {
			s.Logf("step down: %v", err)
		}
		s.progress()
	}
}

// progress waits until the clients have had some more answers.
func (s *sim) progress() {
	want := s.answers.Load() + simOpsAFault
	await(s, "answers in spite of the fault", func() bool { return s.answers.Load() >= want })
}

// node is one that runs.
func (s *sim) node(r *rand.Rand) *Node {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for {
		if n := s.nodes[r.IntN(len(s.nodes))]; n != nil {
			return n
		}
	}
}

// simClient knows for certain what it was told, and calls everything else open.
type simClient struct {
	*sim
	name   string
	rand   *rand.Rand
	serial int
}

// life is one token's: made, perhaps with a child, used or looked up, ended.
func (c *simClient) life(ctx context.Context) {
	c.serial++
	text := fmt.Sprintf("sim-%s-%d", c.name, c.serial)
	uses := uint32(c.rand.IntN(4)) // 0: unlimited
	if c.ask(ctx, "create "+text, func(ctx context.Context, n *Node) error {
		_, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: c.token(text, uses)})
		return err
	}) != accepted {
		return // unknown: nothing can be said about it
	}
	if uses > 0 {
		c.spendAll(ctx, text, int(uses))
		return
	}
	child := text + "-child"
	hasChild := c.ask(ctx, "create "+child, func(ctx context.Context, n *Node) error {
		_, err := n.Propose(ctx, Proposal{Caller: c.caller(text), Command: c.token(child, 0)})
		return err
	}) == accepted
	c.expect(ctx, text, accepted)
	if c.ask(ctx, "revoke "+text, func(ctx context.Context, n *Node) error {
		_, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken),
			Command: &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: c.caller(text).Token}}})
		return err
	}) != accepted {
		return
	}
	c.expect(ctx, text, refused)
	if hasChild {
		c.expect(ctx, child, refused)
	}
}

// spendAll fires more uses than there are, at once and anywhere.
func (c *simClient) spendAll(ctx context.Context, text string, uses int) {
	var got [3]atomic.Int64
	var shots sync.WaitGroup
	for range uses + 2 {
		n := c.node(c.rand)
		shots.Go(func() { got[c.try(ctx, n, text)].Add(1) })
	}
	shots.Wait()
	spent, unsure := int(got[accepted].Load()), int(got[open].Load())
	if spent > uses {
		c.Errorf("%s: %d uses accepted, it had %d", text, spent, uses)
	}
	if spent+unsure < uses {
		c.Errorf("%s: %d uses accepted and %d of unknown outcome, it had %d", text, spent, unsure, uses)
	}
}

// expect looks a token up and holds the answer against what must be so.
func (c *simClient) expect(ctx context.Context, text string, want known) {
	if got := c.try(ctx, c.node(c.rand), text); got != open && got != want {
		c.Errorf("%s: accepted is %v, must be %v", text, got == accepted, want == accepted)
	}
}

func (c *simClient) try(ctx context.Context, n *Node, text string) known {
	return c.judge(ctx, "read "+text, n, func(ctx context.Context, n *Node) error {
		_, _, err := n.Read(ctx, c.caller(text), lookup)
		return err
	})
}

func (c *simClient) ask(ctx context.Context, what string, f func(context.Context, *Node) error) known {
	return c.judge(ctx, what, c.node(c.rand), f)
}

// known is what a client knows of a question's answer.
type known int

const (
	accepted known = iota
	refused
	open
)

// judge asks once. Only a verdict or a success is an answer.
func (c *simClient) judge(ctx context.Context, what string, n *Node, f func(context.Context, *Node) error) known {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := f(ctx, n)
	var verdict *fsm.Error
	switch {
	case err == nil:
		c.answers.Add(1)
		return accepted
	case denied(err):
		c.answers.Add(1)
		return refused
	case errors.As(err, &verdict):
		c.Errorf("%s: unexpected verdict %v", what, err)
	}
	c.unknown.Add(1)
	return open
}
