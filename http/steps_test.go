package http_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// faulty is a cluster that fails in the middle of a request.
type faulty struct {
	*httptestcluster.Cluster

	mu      sync.Mutex
	propose func(cmd fsm.Command, apply func()) error // in the place of Propose, unless it says nil
	view    func() error
	old     *fsm.State // nil: the present one is at hand
	db      *fakeDatabase
}

// local has this node stay behind.
func (f *faulty) local(st *fsm.State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.old = st
}

func (f *faulty) Local() *fsm.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.old != nil {
		return f.old
	}
	return f.Cluster.Local()
}

func (f *faulty) set(propose func(fsm.Command, func()) error, view func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.propose, f.view = propose, view
}

func (f *faulty) hooks() (func(fsm.Command, func()) error, func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.propose, f.view
}

func (f *faulty) View(ctx context.Context) (cluster.View, error) {
	if _, fails := f.hooks(); fails != nil {
		if err := fails(); err != nil {
			return cluster.View{}, err
		}
	}
	return f.Cluster.View(ctx)
}

func (f *faulty) Propose(ctx context.Context, p cluster.Proposal) (cluster.Reply, error) {
	if fails, _ := f.hooks(); fails != nil {
		if err := fails(p.Command, func() { f.Cluster.Propose(ctx, p) }); err != nil {
			return cluster.Reply{}, err
		}
	}
	return f.Cluster.Propose(ctx, p)
}

func newFaulty(t *testing.T) (*stand, *faulty) {
	c := httptestcluster.New()
	f := &faulty{Cluster: c, db: &fakeDatabase{password: "first"}}
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: f, Engines: map[string]engine.Engine{fsm.MountDatabase: f.db}}).Handler()}
	mount(t, c, "db", fsm.MountDatabase)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	s.must(204, "POST", "db/roles/reader", root, validRole)
	return s, f
}

// failViewsBehind has every view fail from the first command of a kind on.
func (f *faulty) failViewsBehind(is func(fsm.Command) bool) {
	var applied bool
	f.set(func(cmd fsm.Command, _ func()) error {
		applied = applied || is(cmd)
		return nil
	}, func() error {
		if applied {
			return cluster.ErrNoLeader
		}
		return nil
	})
}

// A revocation that is logged is not said to have failed, though nobody can say
// what is left to be done outside.
func TestRevokedAndThenNoLeader(t *testing.T) {
	for _, path := range []string{"sys/leases/revoke-prefix/db/creds", "sys/leases/revoke-force/db", "sys/leases/revoke/ID"} {
		t.Run(path, func(t *testing.T) {
			s, f := newFaulty(t)
			path := strings.Replace(path, "ID", s.lease(root), 1)
			f.failViewsBehind(func(cmd fsm.Command) bool {
				switch cmd.(type) {
				case *fsm.PrefixRevoke, *fsm.LeaseRevoke:
					return true
				}
				return false
			})
			s.must(202, "PUT", path, root, nil)
			if n := s.phases(); n[fsm.Revoking] != 1 {
				t.Errorf("there are %v", n)
			}
		})
	}
}

// A renewal that fails behind its first entry may have been applied.
func TestRenewedAndThenNoLeader(t *testing.T) {
	s, f := newFaulty(t)
	id := s.lease(root)
	renew := func() {
		t.Helper()
		r := s.must(503, "PUT", "sys/leases/renew", root, object{"lease_id": id})
		if !strings.Contains(r.errors(), "may have been applied") {
			t.Errorf("got %s", r.text)
		}
	}
	f.failViewsBehind(func(cmd fsm.Command) bool { _, is := cmd.(*fsm.LeaseRenew); return is })
	renew()
	f.set(func(cmd fsm.Command, _ func()) error {
		if _, is := cmd.(*fsm.LeaseExtend); is {
			return cluster.ErrNoLeader
		}
		return nil
	}, nil)
	renew()
}

// A secret that was made and that nobody got is said to be possible, and ends.
func TestASecretThatNobodyGotEnds(t *testing.T) {
	confirm := func(cmd fsm.Command) bool {
		c, is := cmd.(*fsm.LeaseConfirm)
		return is && c.Error == ""
	}
	for name, tt := range map[string]struct {
		fails  func(cmd fsm.Command, apply func()) error
		header []string
	}{
		"no leader to confirm it": {fails: func(cmd fsm.Command, _ func()) error {
			if confirm(cmd) {
				return cluster.ErrNoLeader
			}
			return nil
		}},
		"confirmed, but nobody knows": {fails: func(cmd fsm.Command, apply func()) error {
			if confirm(cmd) {
				apply()
				return cluster.ErrUnknownOutcome
			}
			return nil
		}},
		"no leader to wrap it": {header: []string{"X-Vault-Wrap-TTL", "5m"}, fails: func(cmd fsm.Command, _ func()) error {
			if _, is := cmd.(*fsm.Wrap); is {
				return cluster.ErrNoLeader
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, f := newFaulty(t)
			left := 2 // times that its end cannot be logged either
			f.set(func(cmd fsm.Command, apply func()) error {
				if c, is := cmd.(*fsm.LeaseConfirm); is && c.Error != "" && left > 0 {
					left--
					return cluster.ErrNoLeader
				}
				return tt.fails(cmd, apply)
			}, nil)
			r := s.must(503, "GET", "db/creds/reader", root, nil, tt.header...)
			if !strings.Contains(r.errors(), "may have been applied") || strings.Contains(r.text, "drawn") {
				t.Errorf("got %s", r.text)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := s.cluster.Await(ctx, func(st *fsm.State) bool {
				keys := st.LeaseKeys("db/creds/reader/", st.Clock)
				if len(keys) != 1 {
					return false
				}
				l, ok := st.Lease("db/creds/reader/" + keys[0])
				return ok && l.End != nil && l.End.Cause == fsm.NotIssued && !l.Open && l.LastError != ""
			})
			if err != nil {
				t.Errorf("the lease does not end: %v; there are %v", err, s.phases())
			}
		})
	}
}

// What ends a lease whose confirmation was lost says no more than that one did: the
// other side may still be at making what nobody will get.
func TestAnUncertainSecretThatNobodyGotStaysOpen(t *testing.T) {
	s, f := newFaulty(t)
	f.db.issue = func(context.Context, *engine.Order) ([]byte, error) {
		return nil, engine.Unreachable("the database: no answer in time")
	}
	lost := true
	f.set(func(cmd fsm.Command, _ func()) error {
		if _, is := cmd.(*fsm.LeaseConfirm); is && lost {
			lost = false
			return cluster.ErrNoLeader
		}
		return nil
	}, nil)
	s.must(502, "GET", "db/creds/reader", root, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var open bool
	err := s.cluster.Await(ctx, func(st *fsm.State) bool {
		keys := st.LeaseKeys("db/creds/reader/", st.Clock)
		if len(keys) != 1 {
			return false
		}
		l, ok := st.Lease("db/creds/reader/" + keys[0])
		open = ok && l.Open
		return ok && l.End != nil
	})
	if err != nil || !open {
		t.Errorf("the lease is open: %v, %v; there are %v", open, err, s.phases())
	}
}

// So does one whose making no audit device could record: its answer is withheld.
func TestASecretWhoseAnswerIsWithheldEnds(t *testing.T) {
	s, f := newFaulty(t)
	var once sync.Once
	f.set(func(cmd fsm.Command, _ func()) error {
		if _, is := cmd.(*fsm.LeaseConfirm); is {
			once.Do(func() { // from here on nothing can be recorded
				s.send("PUT", "sys/audit/full", root, object{"type": "file", "options": object{
					"file_path": "/dev/full", "skip_test": "true", "required": "true",
				}})
			})
		}
		return nil
	}, nil)
	r := s.must(500, "GET", "db/creds/reader", root, nil)
	if !strings.Contains(r.errors(), "withheld") {
		t.Errorf("got %s", r.text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.cluster.Await(ctx, func(st *fsm.State) bool { return st.CountAllLeases().Revoking == 1 }); err != nil {
		t.Errorf("the lease does not end: %v; there are %v", err, s.phases())
	}
}
