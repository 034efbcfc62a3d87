package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	metrics "github.com/armon/go-metrics"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot/store"
)

// OpenStore opens the place where the snapshots of a schedule go. This package knows no
// client of any.
type OpenStore func(*fsm.SnapshotTarget, StoreSecret) (store.Store, error)

// StoreSecret is what is sealed in a schedule's target.
type StoreSecret struct {
	Key          string `json:"key"`
	SessionToken string `json:"session_token,omitempty"`
}

// StoreLabel is what the secret of a schedule is sealed under.
func StoreLabel(schedule string) string { return "snapshot " + schedule }

// SnapshotFile is the name of a snapshot of a schedule.
func SnapshotFile(t *fsm.SnapshotTarget, s fsm.SavedSnapshot) string {
	return store.Name{At: s.Started.Unix(), Index: s.Index}.File(t.FilePrefix)
}

// saving are the schedules that this node is saving for. One that hangs is not begun
// again, not even by a later leadership.
type saving struct {
	mu  sync.Mutex
	now map[string]bool
}

func (s *saving) begin(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now[name] {
		return false
	}
	if s.now == nil {
		s.now = make(map[string]bool)
	}
	s.now[name] = true
	return true
}

func (s *saving) end(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.now, name)
}

// takeSnapshots is the leader's duty to save what schedules want saved. When that was
// done last stands in the state, so a new leader goes on where the last one was; what
// that one had not finished is begun anew. Nobody waits for a store that hangs: not
// the other schedules, and not the end of the leadership.
func (n *Node) takeSnapshots(ctx context.Context, l *leading) {
	if n.cfg.OpenStore == nil {
		return
	}
	for sleep(ctx, cleanupPoll) {
		if n.doubtful.Load() {
			continue // a state in doubt must not take the place of older snapshots
		}
		st, now := n.machine.View(), l.clock.now()
		for _, s := range st.SnapshotSchedules() {
			if s.Due(st.SnapshotStatus(s.Name)) <= now && n.saving.begin(s.Name) {
				go n.takeSnapshot(ctx, l, s.Name)
			}
		}
	}
}

// takeSnapshot makes one attempt and logs what became of it. The entry before it says
// that this node leads, and makes the log's clock the time of what is saved.
func (n *Node) takeSnapshot(ctx context.Context, l *leading, name string) {
	defer n.saving.end(name)
	if _, err := l.internal(ctx, &fsm.Tick{}); err != nil {
		return // the next look at what is due comes soon
	}
	st := n.machine.View()
	s, there := st.SnapshotSchedule(name)
	if !there || s.Due(st.SnapshotStatus(name)) > st.Clock {
		return
	}
	begun := time.Now()
	bytes, err := n.save(ctx, st, s)
	if ctx.Err() != nil {
		return // the next leader makes another
	}
	done := &fsm.SnapshotTaken{
		Name: name, Placed: s.Placed, Started: st.Clock, Index: st.Index(), Bytes: uint64(bytes), Problem: problemOf(err),
	}
	n.noteSnapshot(done, err, time.Since(begun))
	for {
		_, err := l.internal(ctx, done)
		if err == nil || errors.As(err, new(*fsm.Error)) || !sleep(ctx, time.Second) {
			return
		}
	}
}

// noteSnapshot tells operators of an attempt.
func (n *Node) noteSnapshot(t *fsm.SnapshotTaken, err error, took time.Duration) {
	metrics.AddSample(metricSnapshotTime, float32(took.Milliseconds()))
	if t.Bytes > 0 {
		metrics.IncrCounter(metricSnapshotSaved, 1)
		metrics.AddSample(metricSnapshotBytes, float32(t.Bytes))
	}
	if err != nil {
		metrics.IncrCounter(metricSnapshotFailed, 1)
		n.log.Error("scheduled snapshot", "schedule", t.Name, "index", t.Index, "problem", t.Problem, "error", err)
		return
	}
	n.log.Info("scheduled snapshot saved", "schedule", t.Name, "index", t.Index, "bytes", t.Bytes, "took", took)
}

// errUnrotated is the failure to remove what is not to be kept any more.
var errUnrotated = errors.New("older snapshots are not removed")

// save keeps a state where a schedule wants it, and removes what there is too much of.
func (n *Node) save(ctx context.Context, st *fsm.State, s *fsm.SnapshotSchedule) (bytes int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			panicked(n.log, "a scheduled snapshot panicked", p, "schedule", s.Name)
			bytes, err = 0, errors.New("internal error")
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, n.cfg.SaveTimeout)
	defer cancel()
	place, err := n.openStore(ctx, s)
	if err != nil {
		return 0, err
	}
	name := SnapshotFile(&s.Target, fsm.SavedSnapshot{Started: st.Clock, Index: st.Index()})
	bytes, err = place.Put(ctx, name, func(w io.Writer) error { return n.WriteArchive(w, st) })
	if err != nil {
		return 0, overtime(ctx, err)
	}
	if _, err := store.Rotate(ctx, place, s.Target.FilePrefix, int(s.Retain), s.RetainAge); err != nil {
		return bytes, fmt.Errorf("%w: %w", errUnrotated, overtime(ctx, err))
	}
	return bytes, nil
}

// errNoSecret is a secret that cannot be opened.
var errNoSecret = errors.New("the secret of the store is not opened")

func (n *Node) openStore(ctx context.Context, s *fsm.SnapshotSchedule) (store.Store, error) {
	var secret StoreSecret
	if len(s.Target.Secret.Box) > 0 {
		plain, err := n.Open(ctx, StoreLabel(s.Name), s.Target.Secret)
		if err == nil {
			err = json.Unmarshal(plain, &secret)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNoSecret, err)
		}
	}
	return n.cfg.OpenStore(&s.Target, secret)
}

// overtime says of an error that it came because the time was over.
func overtime(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

// problemOf is what is logged of an error.
func problemOf(err error) fsm.SnapshotProblem {
	switch {
	case err == nil:
		return fsm.SnapshotFine
	case errors.Is(err, errUnrotated):
		return fsm.SnapshotUnrotated
	case errors.Is(err, errNoSecret):
		return fsm.SnapshotNoSecret
	case errors.Is(err, context.DeadlineExceeded):
		return fsm.SnapshotStalled
	}
	switch store.ProblemOf(err) {
	case store.NoPlace:
		return fsm.SnapshotNoFolder
	case store.Forbidden:
		return fsm.SnapshotForbidden
	case store.NoRoom:
		return fsm.SnapshotNoRoom
	case store.SpaceUsed:
		return fsm.SnapshotSpaceUsed
	case store.Unreached:
		return fsm.SnapshotUnreached
	case store.Damaged:
		return fsm.SnapshotDamaged
	}
	return fsm.SnapshotOther
}
