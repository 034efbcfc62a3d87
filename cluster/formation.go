package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jeton-io/jeton/cluster/gossip"
)

// formation decides, for a node without raft state, which cluster it becomes part
// of. Two rules keep a second cluster from forming beside the first:
//
//   - A node promises, on disk and once, one initial configuration: the sorted
//     ids of exactly BootstrapExpect servers. Raft is bootstrapped only when
//     all of them have promised the same one. So two sets that share a node
//     can not both form.
//   - A node that hears of a formed cluster of its name joins that one, and
//     drops a promise of a configuration that never formed.
//
// Disjoint sets that can not see each other can form two clusters; these refuse
// each other by their ids, loudly.
type formation struct {
	path string

	mu       sync.Mutex
	promised []string // nil: none
	formed   string   // id of the formed configuration, "" before
}

// formationFile is what the data directory keeps of it.
type formationFile struct {
	Promised []string `json:"promised,omitempty"`
	Formed   string   `json:"formed,omitempty"`
}

func openFormation(dir string) (*formation, error) {
	f := &formation{path: filepath.Join(dir, "formation.json")}
	b, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	var file formationFile
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		return nil, fmt.Errorf("read formation: %w", err)
	}
	f.promised, f.formed = file.Promised, file.Formed
	return f, nil
}

// configurationID names an initial configuration, and the cluster it makes.
func configurationID(clusterName string, servers []string) string {
	sum := sha256.Sum256([]byte(clusterName + "\n" + strings.Join(servers, "\n")))
	return hex.EncodeToString(sum[:16])
}

// promise gives this node's word for a configuration. It is false when another
// one has it.
func (f *formation) promise(servers []string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.formed != "":
		return false, nil
	case f.promised != nil:
		return slices.Equal(f.promised, servers), nil
	}
	if err := f.write(formationFile{Promised: servers}); err != nil {
		return false, err
	}
	f.promised = servers
	return true, nil
}

// would says, without binding anyone, whether promise would be given.
func (f *formation) would(servers []string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.formed == "" && (f.promised == nil || slices.Equal(f.promised, servers))
}

// settle notes the configuration that formed; what was promised is over.
func (f *formation) settle(id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.formed == id {
		return nil
	}
	if err := f.write(formationFile{Formed: id}); err != nil {
		return err
	}
	f.formed, f.promised = id, nil
	return nil
}

func (f *formation) id() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.formed
}

func (f *formation) write(file formationFile) error {
	b, err := json.Marshal(file)
	if err == nil {
		err = writeDurably(f.path, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write formation: %w", err)
	}
	return nil
}

func (n *Node) formationID() string { return n.formation.id() }

// form runs until this node has raft state to start from, or ctx ends. It returns
// the initial configuration to bootstrap with; nil means: start empty and let the
// cluster that exists add this server.
func (n *Node) form(ctx context.Context) ([]string, error) {
	updates, cancel := n.gossip.Subscribe()
	defer cancel()
	members := n.gossip.Members()
	settled := time.Now()
	retry := time.NewTicker(n.cfg.SettleTime / 2)
	defer retry.Stop()
	for {
		if id := formedBy(members); id != "" {
			n.log.Info("joining a formed cluster", "cluster", id)
			return nil, n.formation.settle(id)
		}
		if time.Since(settled) >= n.cfg.SettleTime {
			if servers := n.candidates(members); servers != nil && n.agree(ctx, servers) {
				id := configurationID(n.cfg.ClusterName, servers)
				n.log.Info("forming a cluster", "cluster", id, "servers", servers)
				return servers, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-retry.C:
		case m, ok := <-updates:
			if !ok {
				return nil, ErrClosed
			}
			if !slices.EqualFunc(members, m, sameMember) {
				settled = time.Now()
			}
			members = m
		}
	}
}

func sameMember(a, b gossip.Member) bool { return a.Meta == b.Meta }

// formedBy is the id of a cluster that some member belongs to.
func formedBy(members []gossip.Member) string {
	for _, m := range members {
		if m.ClusterID != "" && m.HasState {
			return m.ClusterID
		}
	}
	return ""
}

// candidates is the configuration that this node would form: the first servers,
// in order, of all that live and want to vote; nil while there are too few or it
// is not among them itself.
func (n *Node) candidates(members []gossip.Member) []string {
	var ids []string
	for _, m := range members {
		if m.Voter && !m.HasState {
			ids = append(ids, m.ServerID)
		}
	}
	slices.Sort(ids)
	if n.cfg.BootstrapExpect == 0 || len(ids) < n.cfg.BootstrapExpect {
		return nil
	}
	ids = ids[:n.cfg.BootstrapExpect]
	if !slices.Contains(ids, n.serverID) {
		return nil
	}
	return ids
}

// agree asks every candidate, first whether it would promise and then for the
// promise. The first round binds nobody, so that nodes with different views
// seldom bind each other to nothing.
func (n *Node) agree(ctx context.Context, servers []string) bool {
	for _, binding := range []bool{false, true} {
		for _, id := range servers {
			ok, err := n.askPromise(ctx, id, servers, binding)
			if err != nil || !ok {
				n.log.Info("formation waits", "for", id, "promised_another", err == nil, "error", err)
				return false
			}
		}
	}
	return true
}

func (n *Node) askPromise(ctx context.Context, id string, servers []string, binding bool) (bool, error) {
	if id == n.serverID {
		if binding {
			return n.formation.promise(servers)
		}
		return n.formation.would(servers), nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	flag := uint64(0)
	if binding {
		flag = 1
	}
	b, err := n.link.Call(ctx, id, kindPromise, appendList(appendUint(nil, flag), servers))
	if err != nil {
		return false, err
	}
	r := reader{b: b}
	ok := r.uint() == 1
	return ok, r.end()
}

// handlePromise answers for this node. A node that runs says which cluster it is
// in by refusing every other configuration.
func (n *Node) handlePromise(_ context.Context, _ string, payload []byte) ([]byte, error) {
	r := reader{b: payload}
	binding := r.uint() == 1
	var servers []string
	for _, s := range r.list() {
		servers = append(servers, string(s))
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	ok := slices.Contains(servers, n.serverID) && len(servers) == n.cfg.BootstrapExpect && slices.IsSorted(servers)
	if ok && n.formation.id() == configurationID(n.cfg.ClusterName, servers) {
		return appendUint(nil, 1), nil // formed already, exactly so
	}
	if ok && binding {
		var err error
		if ok, err = n.formation.promise(servers); err != nil {
			return nil, err
		}
	} else if ok {
		ok = n.formation.would(servers)
	}
	if ok {
		return appendUint(nil, 1), nil
	}
	return appendUint(nil, 0), nil
}
