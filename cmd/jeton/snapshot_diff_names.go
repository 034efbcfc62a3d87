package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jeton-io/jeton/fsm"
)

// kindChange is what became of the named things of a kind.
type kindChange struct {
	Kind    string   `json:"kind"`
	Added   nameList `json:"added"`
	Removed nameList `json:"removed"`
	Changed nameList `json:"changed"`
}

// nameList has the number of all and the first of them.
type nameList struct {
	Number int      `json:"number"`
	First  []string `json:"first"`
}

// nameDiffer puts together what goes by a name. Serials tell a mount from the next
// one at its path, but whoever reads this goes by the path.
type nameDiffer struct {
	*differ
	kinds map[string]*namesOfKind
	order []string // of the streams
}

// namesOfKind are the names that are in one of the states only, with what can be
// compared of another cluster's, and those that say something else.
type namesOfKind struct {
	added, removed map[string]string
	changed        map[string]bool
}

func newNameDiffer(d *differ) nameDiffer {
	return nameDiffer{differ: d, kinds: map[string]*namesOfKind{}}
}

// meet takes what stands for one thing in the two states.
func (d *nameDiffer) meet(was, is *fsm.Record) {
	if was != nil && is != nil && was.Same(is) {
		return
	}
	var before, after string
	kind := ""
	if was != nil {
		before, kind = d.old.name(was.Value), was.Kind()
	}
	if is != nil {
		after, kind = d.new.name(is.Value), is.Kind()
	}
	if before == "" && after == "" {
		return
	}
	k := d.kinds[kind]
	if k == nil {
		k = &namesOfKind{map[string]string{}, map[string]string{}, map[string]bool{}}
		d.kinds[kind], d.order = k, append(d.order, kind)
	}
	if before == after {
		if d.related() || textOf(was.Value) != textOf(is.Value) {
			k.changed[after] = true
		}
		return
	}
	if before != "" {
		k.removed[before] = textOf(was.Value)
	}
	if after != "" {
		k.added[after] = textOf(is.Value)
	}
}

// textOf is what a thing says, as far as that can be compared between clusters.
func textOf(v any) string {
	if p, ok := v.(*fsm.Policy); ok {
		return p.Raw
	}
	return ""
}

func (d *nameDiffer) changes() []kindChange {
	list := []kindChange{}
	for _, kind := range d.order {
		k := d.kinds[kind]
		for name, text := range k.added { // order: sorted below
			before, both := k.removed[name]
			if !both {
				continue
			}
			delete(k.removed, name)
			delete(k.added, name)
			if d.related() || text != before {
				k.changed[name] = true
			}
		}
		c := kindChange{kind, firstOf(k.added, d.most), firstOf(k.removed, d.most), firstOf(k.changed, d.most)}
		if c.Added.Number+c.Removed.Number+c.Changed.Number > 0 {
			list = append(list, c)
		}
	}
	return list
}

func firstOf[V any](names map[string]V, most int) nameList {
	l := nameList{Number: len(names), First: make([]string, 0, len(names))}
	for name := range names { // order: sorted below
		l.First = append(l.First, name)
	}
	slices.SortFunc(l.First, cmp.Compare[string])
	if most > 0 && len(l.First) > most {
		l.First = l.First[:most]
	}
	return l
}

// learn keeps what later records are named by.
func (s *side) learn(v any) {
	switch v := v.(type) {
	case *fsm.Mount:
		s.mounts[v.Serial] = v.APIPath()
	case *fsm.Approle:
		s.roles[v.Serial] = s.below(v.Mount, v.Name)
	case *fsm.Mark:
		s.marks++
	}
}

// name is what a thing is called in listings; empty for what has no name, or is
// there only until it has been cleared away.
func (s *side) name(v any) string {
	switch v := v.(type) {
	case *fsm.Policy:
		return v.Name
	case *fsm.Role:
		return v.Name
	case *fsm.Mount:
		if v.Closed {
			return ""
		}
		return fmt.Sprintf("%s (%s)", v.APIPath(), v.Type)
	case *fsm.User:
		return s.below(v.Mount, v.Name)
	case *fsm.Approle:
		if v.Closed {
			return ""
		}
		return s.below(v.Mount, v.Name)
	case *fsm.SecretID:
		return s.roles[v.Role] + " " + v.Accessor
	case *fsm.JWTConfig:
		return s.mounts[v.Mount]
	case *fsm.JWTRole:
		return s.below(v.Mount, v.Name)
	case *fsm.Cert:
		return s.below(v.Mount, v.Name)
	case *fsm.EngineItem:
		return s.below(v.Mount, v.Path)
	case *fsm.Lease:
		return v.ID
	case *fsm.DataKey:
		return fmt.Sprintf("%s %s", v.Purpose, v.ID)
	case *fsm.Fence:
		if v.Scope == fsm.FenceToken || v.Scope == fsm.FenceSignedToken {
			return "token " + v.Name
		}
		return oneLine(fenceScopes[v.Scope] + " " + v.Name)
	case *fsm.AuditDevice:
		return v.Path
	case *fsm.AuditHeader:
		return v.Name
	case *fsm.RateQuota:
		return v.Name
	case *fsm.LeaseQuota:
		return v.Name
	case *fsm.SignedUser:
		return fmt.Sprintf("%s (%s)", v.ID, v.Username)
	case *fsm.Runner:
		return v.ID
	case *fsm.Deployment:
		return v.ID
	case *fsm.SnapshotSchedule:
		return v.Name
	}
	return ""
}

func (s *side) below(mount uint64, name string) string { return s.mounts[mount] + "/" + name }
