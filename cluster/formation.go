package cluster

import (
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
)

// formation decides, for a node without raft state, which cluster it becomes part
// of. Two rules keep a second cluster from forming beside the first:
//
//   - A node promises, on disk and once, one initial configuration: the sorted
//     ids of exactly BootstrapExpect servers. Raft is bootstrapped only when
//     all of them have promised the same one. So two sets that share a node
//     can not both form. Promises are asked for in the order of the ids, so
//     that of several sets that overlap one always gets all of its own.
//   - A node that hears of a formed cluster of its name joins that one. If it
//     has promised another configuration, then only once a server of that one
//     says that it never will: else it might have formed unseen, and this node
//     would take part in two clusters.
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

// word is a node's answer when it is asked to promise a configuration.
type word uint64

// Append-only: they cross the wire.
const (
	notNow word = 0 // it is not bound, but would not form this one
	yes    word = 1 // promised, or formed already
	never  word = 2 // another configuration has its word, or it is in a cluster
)

// word says, without binding anyone, how a configuration stands with this node.
// fits is whether its own settings allow it.
func (f *formation) word(id string, servers []string, fits bool) word {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wordLocked(id, servers, fits)
}

func (f *formation) wordLocked(id string, servers []string, fits bool) word {
	switch {
	case f.formed == id, f.promised != nil && slices.Equal(f.promised, servers):
		return yes
	case f.formed != "", f.promised != nil:
		return never
	case fits:
		return yes
	}
	return notNow
}

// promise is word, and binds this node when that is yes.
func (f *formation) promise(id string, servers []string, fits bool) (word, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.wordLocked(id, servers, fits)
	if w != yes || f.formed == id || f.promised != nil {
		return w, nil
	}
	if err := f.write(formationFile{Promised: servers}); err != nil {
		return notNow, err
	}
	f.promised = servers
	return yes, nil
}

// bound is the configuration that has this node's word; nil when none has.
func (f *formation) bound() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.promised
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
