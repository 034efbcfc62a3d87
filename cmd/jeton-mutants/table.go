package main

// mutants is the list. A protection whose text moved has to be found again here: a
// change that makes that needed is one that should be run against its mutant.
var mutants = []mutant{
	{name: "read index: a majority confirms the leader's term", seeds: []int{8, 2, 11},
		patches: []patch{{"cluster/readindex.go", `	if err := n.confirmTerm(ctx, l.term); err != nil {
		return readIndex{}, err
	}
`, ``}}},
	{name: "read index: greatest committed command, not the leader's own state",
		test: test{"cluster", "TestReadsWhileTheLeaderAppliesSlowly"},
		patches: []patch{{"cluster/readindex.go",
			`max(n.stores.log.upTo(n.raft.CommitIndex()), n.applied.get())`, `n.applied.get()`}}},
	{name: "a node's machine catches up before it answers a read", seeds: []int{1, 3, 9},
		patches: []patch{{"cluster/readindex.go", `	if err := n.applied.wait(ctx, ri.Index); err != nil {
		return View{}, fmt.Errorf("%w: waiting for index %d: %w", ErrNoLeader, ri.Index, err)
	}
`, ``}}},
	{name: "a leader's barrier before it serves", seeds: []int{1, 2, 4, 5, 7, 8, 10, 12},
		patches: []patch{{"cluster/leader.go", `	if err := settled(n.raft.Barrier(0), n.down); err != nil {
		return nil, err
	}
`, ``}}},
	{name: "the window recognises a node's retry", seeds: []int{1, 2, 4, 5, 7, 8},
		patches: []patch{{"fsm/window.go", `	if o, ok := tx.st.outcomes.find(outcomeKey{r.Session, r.Seq}); ok {
		return o.reply
	}
`, ``}}},
	{name: "the window recognises a client's key", seeds: []int{1, 2},
		patches: []patch{{"fsm/step.go", `if reply := tx.recogniseKey(env.Caller.Token, env.Key); reply != nil {`,
			`if reply := tx.recogniseKey(env.Caller.Token, env.Key); false {`}}},
	{name: "a use is charged also when the request is refused", seeds: []int{1, 2},
		patches: []patch{{"fsm/step.go", `	tx.charge(a, &v.spent)
	if denied != nil {
		return encodeVerdict(denied)
	}
`, `	if denied != nil {
		return encodeVerdict(denied)
	}
	tx.charge(a, &v.spent)
`}}},
	{name: "a token's ancestors are asked", seeds: []int{1, 2},
		patches: []patch{{"fsm/death.go", `c != Alive || s.quiet(at) {`, `c != Alive || true {`}}},
	{name: "revoke-orphan changes nothing about a dead token", seeds: []int{1, 2},
		patches: []patch{{"fsm/token_revoke_orphan.go", `tx.st.Live(r.Token, tx.clock())`, `tx.st.tokenByDigest(r.Token)`}}},
	{name: "expired is who expired by a time in the log", test: test{"cluster", "TestWhatExpiredOnADeadLeaderStaysExpired"},
		patches: []patch{
			{"cluster/readindex.go", `!ok || next > now {`, `!ok || next > 0 {`},
			{"cluster/view.go", `v.State.Resolve(c, v.State.Clock)`, `v.State.Resolve(c, v.At)`},
		}},
	{name: "the log's clock never falls", test: test{"cluster", "TestWhatExpiredOnADeadLeaderStaysExpired"},
		patches: []patch{
			{"fsm/draft.go", `tx.st.Clock = max(tx.st.Clock, e.At)`, `tx.st.Clock = e.At`},
			{"cluster/clock.go", `c.last = max(c.last, fsm.Instant(now.UnixNano()), c.machine.View().Clock)`, `c.last = fsm.Instant(now.UnixNano())`},
		}},
	{name: "a leader's clock agrees with a majority's", test: test{"cluster", "TestWrongClock"},
		patches: []patch{{"cluster/clock.go", `time.Duration(mine-int64(theirs)).Abs() <= c.bound+rtt/2`, `mine != int64(theirs)`}}},
	{name: "a failed write ends the node before it is acknowledged", seeds: []int{1, 3, 2},
		patches: []patch{{"cluster/store.go", `	if err != nil {
		c.watchdog.fault(fmt.Errorf("write raft log: %w", err))
		return err
	}
`, `	_ = err
`}}},
	{name: "an outcome that nobody knows is not called a failure", seeds: []int{1, 2, 4, 5, 7, 8, 10, 11},
		patches: []patch{{"cluster/batcher.go", `	return fmt.Errorf("%w: %v", ErrUnknownOutcome, err)
}

// settled`, `	return ErrNoLeader
}

// settled`}}},
	{name: "a session is one process's alone", seeds: []int{1, 2},
		patches: []patch{{"cluster/session.go", `binary.BigEndian.Uint64(b[:]); id != 0`, `binary.BigEndian.Uint64(b[:])&1 + 1; id != 0`}}},
	{name: "a new disk is a new server", test: test{"cluster", "TestAWipedVoterDoesNotVote"},
		patches: []patch{{"cluster/identity.go", `	rand.Read(r[:])
`, `	_ = rand.Reader
`}}},
	{name: "snapshots carry the window", seeds: []int{1, 2, 7},
		patches: []patch{
			{"fsm/record.go", `	each(&s.outcomes, f)
`, ``}}},
	{name: "a draft is given up when a refused command had written", test: test{"fsm", "TestARefusedCommandLeavesNothingBehind"},
		patches: []patch{{"fsm/step.go", `		tx.spoilt = true`, `		tx.st.header = header`}}},
	{name: "a careful draft goes back to before a refused command", test: test{"fsm", "TestARefusedCommandLeavesNothingBehind"},
		patches: []patch{{"fsm/step.go", `tx.st = *before`, `tx.st.header = before.header`}}},
	{name: "an entry made before a restore is not looked at", test: test{"fsm", "TestRetryIsTheSameRequest"},
		patches: []patch{{"fsm/draft.go", `if e.Epoch != tx.st.Epoch {`, `if e.Epoch < 0*tx.st.Epoch {`}}},
	{name: "an append pipeline that raft gave up is closed", test: test{"cluster/peer", "TestPipelineEndsWithARefusal"},
		patches: []patch{{"cluster/peer/pipeline.go", `			if last {
				return
			}
`, `			_ = last
`}}},
}
