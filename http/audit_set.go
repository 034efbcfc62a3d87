package http

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
)

// auditor keeps the audit devices of this node in step with the replicated
// state. Looking whether anything changed costs a request two comparisons.
type auditor struct {
	cluster Cluster
	log     *slog.Logger
	now     atomic.Pointer[auditSet]
	mu      sync.Mutex // held while a set is made
	closed  bool
}

// auditSet is what one version of the state says about auditing.
type auditSet struct {
	version fsm.AuditVersion
	index   uint64 // of the state it was made of
	node    string
	devices []*auditDevice
	headers []*fsm.AuditHeader
	again   time.Time // when to try what is broken again; zero: nothing is
}

// auditDevice is a device and the serial that tells it from a later one at the
// same path.
type auditDevice struct {
	*audit.Device
	serial uint64
}

// Times of opening a salt, which takes a read round if this node has not heard
// of its key.
const (
	saltTimeout = time.Second
	saltRetry   = time.Second
)

func (a *auditor) init(c Cluster, log *slog.Logger) {
	a.cluster, a.log = c, log
	a.now.Store(&auditSet{})
}

// set is what the state wants audited, with the devices open.
func (a *auditor) set(st *fsm.State) *auditSet {
	s := a.now.Load()
	if s.version == st.AuditVersion() && (s.again.IsZero() || time.Now().Before(s.again)) {
		return s
	}
	return a.follow(st)
}

// follow makes the set of a state. Whoever comes meanwhile waits: to go by an old
// set could leave a request out of a new device.
func (a *auditor) follow(st *fsm.State) *auditSet {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.now.Load()
	retry := !old.again.IsZero() && !time.Now().Before(old.again)
	if a.closed || st.Index() < old.index || st.AuditVersion() == old.version && !retry {
		return old // somebody else was faster
	}
	next := &auditSet{
		version: st.AuditVersion(), index: st.Index(), node: a.cluster.Status().NodeID, headers: st.AuditHeaders(),
	}
	open := make(map[uint64]*auditDevice, len(old.devices))
	for _, d := range old.devices {
		open[d.serial] = d
	}
	for _, record := range st.AuditDevices() {
		d, ok := open[record.Serial]
		if ok && !d.Broken {
			delete(open, record.Serial)
		} else {
			d = &auditDevice{a.open(next.node, record), record.Serial}
		}
		if d.Broken {
			next.again = time.Now().Add(saltRetry)
		}
		next.devices = append(next.devices, d)
	}
	a.now.Store(next)
	for _, d := range open { // order: they end side by side
		go d.Close()
	}
	return next
}

func (a *auditor) open(node string, record *fsm.AuditDevice) *audit.Device {
	settings, err := audit.SettingsOf(record)
	if err != nil {
		return audit.Broken(record, node, err, a.log)
	}
	ctx, cancel := context.WithTimeout(context.Background(), saltTimeout)
	defer cancel()
	salt, err := a.cluster.Open(ctx, saltLabel(record.Path), record.Salt)
	if err != nil {
		return audit.Broken(record, node, err, a.log)
	}
	return audit.Open(record.Path+"/", node, settings, audit.NewHasher(salt), a.log)
}

// saltLabel is what a device's salt is sealed for.
func saltLabel(path string) string { return "audit " + path }

func (s *auditSet) device(path string) (*auditDevice, bool) {
	for _, d := range s.devices {
		if d.Path == path+"/" {
			return d, true
		}
	}
	return nil, false
}

// failing is how many devices did not take their last entry.
func (a *auditor) failing() (n int) {
	for _, d := range a.now.Load().devices {
		if d.Failing.Load() {
			n++
		}
	}
	return n
}

// reopen has all devices open their files and connections again.
func (a *auditor) reopen() {
	for _, d := range a.now.Load().devices {
		d.Reopen()
	}
}

// close lets all devices write what waits, and ends them.
func (a *auditor) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.closed = true
	var ending sync.WaitGroup
	for _, d := range a.now.Load().devices {
		ending.Go(d.Close)
	}
	ending.Wait()
}
