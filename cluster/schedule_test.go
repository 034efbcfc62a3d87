package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
	"github.com/jeton-io/jeton/snapshot/store"
)

// shelf is a store in memory, which all nodes of a test share.
type shelf struct {
	mu      sync.Mutex
	files   map[string][]byte
	puts    int // that were begun
	secret  StoreSecret
	trouble func(ctx context.Context) error // what Put meets; nil: nothing
}

func (s *shelf) open(_ *fsm.SnapshotTarget, secret StoreSecret) (store.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = secret
	return s, nil
}

func (s *shelf) Put(ctx context.Context, name string, write func(io.Writer) error) (int64, error) {
	s.mu.Lock()
	s.puts++
	trouble := s.trouble
	s.mu.Unlock()
	if trouble != nil {
		if err := trouble(ctx); err != nil {
			return 0, err
		}
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = b.Bytes()
	return int64(b.Len()), nil
}

func (s *shelf) List(context.Context) (names []store.Name, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for file := range s.files { // order: none is promised
		if n, ok := store.ParseName("jeton", file); ok {
			names = append(names, n)
		}
	}
	return names, nil
}

func (s *shelf) Delete(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
	return nil
}

func (s *shelf) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.files))
}

func (s *shelf) begun() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.puts
}

func (s *shelf) behave(trouble func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = trouble
}

// saver is a cluster with a shelf and a clock that the test moves.
type saver struct {
	*testCluster
	shelf *shelf
	ahead *atomic.Int64
}

func newSaver(t *testing.T, nodes int) *saver {
	s := &saver{shelf: &shelf{files: make(map[string][]byte)}, ahead: new(atomic.Int64)}
	s.testCluster = startCluster(t, nodes, func(_ int, cfg *Config) {
		cfg.OpenStore, cfg.MaxClockSkew = s.shelf.open, 100*time.Hour // the jumps of this clock are wanted
		cfg.wall = func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	})
	return s
}

// schedule writes one that saves every hour.
func (s *saver) schedule(name string, change ...func(*fsm.SnapshotSchedule)) {
	s.Helper()
	set := &fsm.SnapshotScheduleSet{Schedule: fsm.SnapshotSchedule{
		Name: name, Interval: time.Hour, Retain: 2,
		Target: fsm.SnapshotTarget{Storage: fsm.LocalStorage, PathPrefix: "/" + name, FilePrefix: "jeton"},
	}}
	for _, f := range change {
		f(&set.Schedule)
	}
	ctx, cancel := testContext(s)
	defer cancel()
	if _, err := s.nodes[s.leader()].Propose(ctx, Proposal{Caller: s.caller(rootToken), Command: set}); err != nil {
		s.Fatal(err)
	}
}

func (s *saver) status(name string) fsm.SnapshotStatus {
	if st := s.nodes[s.leader()].machine.View().SnapshotStatus(name); st != nil {
		return *st
	}
	return fsm.SnapshotStatus{}
}

// next waits until an attempt is logged that the state does not have yet.
func (s *saver) next(name string, before fsm.SnapshotStatus) fsm.SnapshotStatus {
	s.Helper()
	await(s, "the next attempt", func() bool { return s.status(name).Ended > before.Ended })
	return s.status(name)
}

// Leaders come and go, and each interval has one snapshot. What is saved is a good
// archive that the cluster vouches for.
func TestOneSnapshotAnInterval(t *testing.T) {
	t.Parallel()
	s := newSaver(t, 3)
	s.schedule("a")
	last := s.next("a", fsm.SnapshotStatus{})
	for i := range 3 {
		leader := s.leader()
		ctx, cancel := testContext(t)
		if err := s.nodes[leader].StepDown(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		s.leader(leader)
		before := s.shelf.begun()
		s.ahead.Add(int64(59 * time.Minute))
		time.Sleep(3 * cleanupPoll) // there is no event of what must not happen
		if n := s.shelf.begun(); n != before {
			t.Fatalf("round %d: %d snapshots before their time", i, n-before)
		}
		s.ahead.Add(int64(time.Minute))
		last = s.next("a", last)
		if last.Failures > 0 || last.Good.Index == 0 || last.Good.Started != last.Started {
			t.Fatalf("round %d: %+v", i, last)
		}
	}
	if n := s.shelf.begun(); n != 4 {
		t.Errorf("%d snapshots in four intervals", n)
	}
	names := s.shelf.names()
	if len(names) != 2 || names[1] != SnapshotFile(&fsm.SnapshotTarget{FilePrefix: "jeton"}, last.Good) {
		t.Fatalf("kept are %q, the last is %+v", names, last.Good)
	}
	s.vouchedFor(s.shelf.files[names[1]], last.Good)
	s.awaitEqual()
}

func (s *saver) vouchedFor(archive []byte, good fsm.SavedSnapshot) {
	s.Helper()
	a, err := snapshot.Read(bytes.NewReader(archive), snapshot.MaxStateBytes, func(snapshot.Meta, io.Reader) error { return nil })
	if err != nil {
		s.Fatal(err)
	}
	if err := VerifyArchive(a, s.nodes[s.leader()].Digest); err != nil {
		s.Error(err)
	}
	if a.Meta.Index != good.Index || uint64(len(archive)) != good.Bytes || !a.Meta.Time.Equal(good.Started.Time()) {
		s.Errorf("the archive is of index %d and %s with %d bytes, logged is %+v", a.Meta.Index, a.Meta.Time, len(archive), good)
	}
}

// A store that fails is tried again after a pause, and every kind of failure is told
// apart in the state.
func TestSnapshotProblems(t *testing.T) {
	t.Parallel()
	s := newSaver(t, 1)
	last := fsm.SnapshotStatus{}
	tests := []struct {
		err  error
		want fsm.SnapshotProblem
	}{
		{&store.Error{Problem: store.NoRoom, Err: errors.New("full")}, fsm.SnapshotNoRoom},
		{&store.Error{Problem: store.NoPlace, Err: errors.New("gone")}, fsm.SnapshotNoFolder},
		{&store.Error{Problem: store.Forbidden, Err: errors.New("no")}, fsm.SnapshotForbidden},
		{&store.Error{Problem: store.SpaceUsed, Err: errors.New("much")}, fsm.SnapshotSpaceUsed},
		{&store.Error{Problem: store.Unreached, Err: errors.New("away")}, fsm.SnapshotUnreached},
		{&store.Error{Problem: store.Damaged, Err: errors.New("other")}, fsm.SnapshotDamaged},
		{context.DeadlineExceeded, fsm.SnapshotStalled},
		{errors.New("whatever"), fsm.SnapshotOther},
	}
	for i, tt := range tests {
		s.behave(tt.err)
		if i == 0 {
			s.schedule("a")
		} else {
			s.ahead.Add(int64(16 * time.Minute))
		}
		last = s.next("a", last)
		if last.Problem != tt.want || last.Failures != uint32(i+1) || last.Good.Index != 0 {
			t.Errorf("%v: %+v", tt.err, last)
		}
	}
	s.shelf.behave(func(context.Context) error { panic("a store that panics") })
	s.ahead.Add(int64(16 * time.Minute))
	if last = s.next("a", last); last.Problem != fsm.SnapshotOther {
		t.Errorf("after a panic: %+v", last)
	}
	s.shelf.behave(nil)
	s.ahead.Add(int64(16 * time.Minute))
	if last = s.next("a", last); last.Problem != fsm.SnapshotFine || last.Failures != 0 || len(s.shelf.names()) != 1 {
		t.Errorf("when it is over: %+v", last)
	}
}

func (s *saver) behave(err error) {
	s.shelf.behave(func(context.Context) error { return err })
}

// A store that hangs holds up neither other schedules nor the end of the leadership.
func TestHangingStore(t *testing.T) {
	t.Parallel()
	s := newSaver(t, 3)
	hangs, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.shelf.behave(func(context.Context) error {
		first := false
		once.Do(func() { first = true })
		if first {
			close(hangs)
			<-release // whatever its context says
		}
		return nil
	})
	defer close(release)
	s.schedule("a")
	<-hangs
	s.schedule("b")
	s.next("b", fsm.SnapshotStatus{})
	leader := s.leader()
	ctx, cancel := testContext(t)
	defer cancel()
	if err := s.nodes[leader].StepDown(ctx); err != nil {
		t.Fatal(err)
	}
	s.leader(leader)
	s.next("a", fsm.SnapshotStatus{})
}

// The secret comes to the store as it was sealed; one that cannot be opened is a
// problem of its own.
func TestSnapshotSecret(t *testing.T) {
	t.Parallel()
	s := newSaver(t, 1)
	want := StoreSecret{Key: "k", SessionToken: "t"}
	plain, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	inBucket := func(label string) func(*fsm.SnapshotSchedule) {
		return func(x *fsm.SnapshotSchedule) {
			box, err := s.nodes[0].Seal(label, plain)
			if err != nil {
				t.Fatal(err)
			}
			x.Target = fsm.SnapshotTarget{
				Storage: fsm.S3Storage, Bucket: "bucket-" + x.Name, Region: "r", FilePrefix: "jeton", AccessKeyID: "id", Secret: box,
			}
		}
	}
	s.schedule("a", inBucket(StoreLabel("a")))
	s.next("a", fsm.SnapshotStatus{})
	if s.shelf.secret != want {
		t.Errorf("the store got %+v", s.shelf.secret)
	}
	s.schedule("b", inBucket(StoreLabel("a")))
	if last := s.next("b", fsm.SnapshotStatus{}); last.Problem != fsm.SnapshotNoSecret {
		t.Errorf("%+v", last)
	}
}
