package cluster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// TestSim drives a cluster through faults chosen by a seed while clients, chosen by
// it too, work on trees of tokens. Everything that they were told is then held
// against a model of what one machine would have said (sim_model_test.go), and
// against what all nodes must have in common (sim_seen_test.go).
//
// hashicorp/raft is not deterministic: a seed repeats the schedule of faults and
// what clients intend, not the execution. A rare failure wants the seed many times.
//
//	make sim SEED=7
//	make sim SEEDS=200
func TestSim(t *testing.T) {
	first, seeds, blows := uint64(1), uint64(2), 3
	if testing.Short() {
		seeds = 1
	}
	if n := simEnv(t, "JETON_SIM_SEEDS"); n > 0 {
		seeds, blows = n, simBlows
	}
	if n := simEnv(t, "JETON_SIM_SEED"); n > 0 {
		first, seeds, blows = n, 1, simBlows
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			newSim(t, seed).run(blows)
		})
	}
}

func simEnv(t *testing.T, name string) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

const (
	simBlows     = 5
	simClients   = 4
	simOpsABlow  = 120 // answers in spite of a blow before it is mended
	simOpTimeout = 400 * time.Millisecond
)

type sim struct {
	*testCluster
	seed     uint64
	rand     *rand.Rand // the schedule's; clients have their own
	disks    []*simDisk
	machines []*simMachine
	clocks   []atomic.Int64 // by which the nodes' are off
	faults   []chan error   // what nodes gave up for
	sky      lineState      // of the network where nothing is broken

	history simHistory
	seen    simSeen
	leases  *simLeases
	user    *fsm.User
	salt    *digester // of the cluster: clients name tokens also while no node runs
	trees   atomic.Int64
	answers atomic.Int64
	over    atomic.Bool // clients begin no more trees
}

// newSim is a cluster of three nodes or, for each third seed, of five. Its time-outs are
// short, since most of a simulation's time is spent without a leader.
func newSim(t *testing.T, seed uint64) *sim {
	n := 3
	if seed%3 == 0 {
		n = 5
	}
	s := &sim{
		seed: seed, rand: rand.New(rand.NewPCG(seed, 0)),
		leases: newSimLeases(seed),
		disks:  make([]*simDisk, n), machines: make([]*simMachine, n), clocks: make([]atomic.Int64, n), faults: make([]chan error, n),
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to repeat: make sim SEED=%d", seed)
		}
	})
	s.history.begin = time.Now()
	s.testCluster = newCluster(t, n, n, s.configure)
	s.net.rand = rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		s.start(i)
	}
	s.awaitReady()
	s.prepare()
	return s
}

func (s *sim) configure(i int, cfg *Config) {
	d := &simDisk{rand: rand.New(rand.NewPCG(s.seed, 100+uint64(i)))}
	m := &simMachine{rand: rand.New(rand.NewPCG(s.seed, 200+uint64(i)))}
	s.disks[i], s.machines[i], s.faults[i] = d, m, make(chan error, 1)
	cfg.HeartbeatTimeout, cfg.ElectionTimeout, cfg.LeaseTimeout = 250*time.Millisecond, 250*time.Millisecond, 250*time.Millisecond
	cfg.ReadTimeout, cfg.ProposeTimeout = simOpTimeout, simOpTimeout
	cfg.TrailingLogs = 32 // whoever was away is sent a snapshot
	cfg.Revoker, cfg.RevokeRetry = s.leases, 5*time.Millisecond
	cfg.wrapLog = d.wrap
	cfg.LogStore = []string{logInBolt, logInWAL}[i%2]
	cfg.checkEvery = 100 * time.Millisecond // a false alarm stops a node, and so the simulation
	cfg.wrapMachine = func(f raft.FSM) raft.FSM { return &slowFSM{f, m} }
	cfg.wall = func() time.Time { return time.Now().Add(time.Duration(s.clocks[i].Load())) }
	cfg.OnFault = func(err error) { s.faults[i] <- err }
}

// prepare gives the clients what they need: a policy by which a token may make others
// and take leases, and a user to log in as.
func (s *sim) prepare() {
	ctx, cancel := testContext(s)
	defer cancel()
	s.must(ctx, fsmtest.Policy("sim", fsmtest.Allow("auth/token/create", policy.Update), fsmtest.Allow("hook/creds/r", policy.Read)))
	for _, cmd := range s.leases.mount() {
		s.must(ctx, cmd)
	}
	s.must(ctx, &fsm.AuthEnable{Path: "up", Type: fsm.MountUserpass, Accessor: "auth_userpass_0123"})
	// The hash is nobody's: the machine does not look at it.
	s.must(ctx, &fsm.UserSet{Mount: "up", Name: "sim", Hash: []byte("$2a$10$Y9X59U5b8g2pFaJnqdsThOUG8mpZZ/kSiSZMktidOi2g8n3J/YsDO"),
		Params: fsm.TokenParams{Policies: []string{"sim"}}, Given: fsm.GivenTokenPolicies})
	s.must(ctx, &fsm.AutopilotSet{Config: fsm.Autopilot{Stabilization: time.Second}, Given: fsm.GivenStabilization})
	v, err := s.nodes[0].View(ctx)
	if err != nil {
		s.Fatal(err)
	}
	m, _ := v.State.AuthMount("up")
	s.user, _ = v.State.User(m, "sim")
	s.salt = s.nodes[0].digester.Load()
}

func (s *sim) run(blows int) {
	defer s.over.Store(true) // also when a wait in vain ends the test
	var clients sync.WaitGroup
	for i := range simClients {
		c := &simClient{sim: s, id: i, rand: rand.New(rand.NewPCG(s.seed, uint64(i)+2))}
		clients.Go(func() {
			for !s.over.Load() {
				c.tree()
			}
		})
	}
	for i := 0; i < blows && !s.Failed(); i++ {
		s.strike()
	}
	s.over.Store(true)
	clients.Wait()
	s.awaitEqual()
	s.audit()
	s.awaitEqual()
	s.judge()
	s.judgeLeases()
}

// audit asks for every token once more, when all is well: what was acknowledged is
// there, what was ended is not, and all uses that are left can be spent.
func (s *sim) audit() {
	var wg sync.WaitGroup
	for i, trees := range s.history.split(simClients) {
		c := &simClient{sim: s, id: i, rand: rand.New(rand.NewPCG(s.seed, uint64(i)+50))}
		wg.Go(func() {
			for _, t := range trees {
				c.visit(t)
			}
		})
	}
	wg.Wait()
}
