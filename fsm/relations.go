package fsm

import (
	"fmt"
	"strings"
)

// checkRelations wants the records of a state that was read to belong together:
// what the machine relies on without looking. Above all a token's ancestors have
// to be there and above it, or a walk to the root would not end.
func (s *State) checkRelations() (err error) {
	s.tokens.each(func(t *Token) bool {
		err = s.checkToken(t)
		return err == nil
	})
	if err != nil {
		return err
	}
	s.cubbyholes.each(func(v *Cubbyhole) bool {
		if _, ok := s.tokenByDigest(v.Token); !ok {
			err = fmt.Errorf("cubbyhole of token %s, which is not there", v.Token)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	s.wrappings.each(func(w *Wrapping) bool {
		if t, ok := s.tokenByDigest(w.Token); !ok || t.NumUses != 1 {
			err = fmt.Errorf("wrapping of token %s, which is none for it", w.Token)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	if err := s.checkApproles(); err != nil {
		return err
	}
	s.outcomes.each(func(o *outcome) bool {
		if x, ok := s.sessions.find(o.session); !ok || o.seq < x.low {
			err = fmt.Errorf("outcome %d of session %d, which does not keep it", o.seq, o.session)
		}
		return err == nil
	})
	if err == nil {
		err = s.checkEngines()
	}
	if err != nil {
		return err
	}
	s.snapshotStatuses.each(func(status *SnapshotStatus) bool {
		if _, ok := s.SnapshotSchedule(status.Name); !ok {
			err = fmt.Errorf("snapshot status of schedule %s, which is not there", status.Name)
		}
		return err == nil
	})
	if last, ok := s.tombstones.tree.Max(); ok && err == nil && last.key > s.Serial {
		err = fmt.Errorf("tombstone with serial %d above %d", last.key, s.Serial)
	}
	return err
}

func (s *State) checkToken(t *Token) error {
	switch {
	case t.Serial > s.Serial:
		return fmt.Errorf("token %s has serial %d above %d", t.Digest, t.Serial, s.Serial)
	case t.Depth > MaxTreeDepth:
		return fmt.Errorf("token %s is %d deep", t.Digest, t.Depth)
	case t.UsesLeft > t.NumUses:
		return fmt.Errorf("token %s has %d of %d uses left", t.Digest, t.UsesLeft, t.NumUses)
	case (t.Counted() && t.UsesLeft == 0) != (t.Death != nil && t.Death.Cause == Exhausted):
		return fmt.Errorf("token %s has %d of %d uses left and is not dead of that", t.Digest, t.UsesLeft, t.NumUses)
	case t.Parent.IsZero():
		return nil
	}
	if p, ok := s.tokenByDigest(t.Parent); !ok || p.Depth >= t.Depth {
		return fmt.Errorf("token %s has no parent above it", t.Digest)
	}
	return nil
}

// checkEngines wants items and leases to belong to mounts, and a lease that has
// not ended to be found by whatever ends it.
func (s *State) checkEngines() (err error) {
	s.items.each(func(i *EngineItem) bool {
		if m, ok := s.mounts.find(i.Mount); !ok || m.Class != ClassSecret {
			err = fmt.Errorf("item %s of mount %d, which is none for it", i.Path, i.Mount)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	s.leases.each(func(l *Lease) bool {
		err = s.checkLease(l)
		return err == nil
	})
	return err
}

func (s *State) checkLease(l *Lease) error {
	m, ok := s.mounts.find(l.Mount)
	switch {
	case !ok || m.Class != ClassSecret || !strings.HasPrefix(l.ID, m.Path+"/"):
		return fmt.Errorf("lease %s of mount %d, which is none for it", l.ID, l.Mount)
	case l.Serial > s.Serial:
		return fmt.Errorf("lease %s has serial %d above %d", l.ID, l.Serial, s.Serial)
	case l.held() != (l.End == nil), l.Phase == Issuing && !l.Open, l.Phase == Live && l.Open:
		return fmt.Errorf("lease %s is %s, and ended or open against that", l.ID, l.Phase)
	case (l.Phase == Irrevocable) != (l.Tries >= MaxLeaseTries):
		return fmt.Errorf("lease %s is %s after %d tries", l.ID, l.Phase, l.Tries)
	case l.Batch == nil && l.Owner.IsZero() != (l.OwnerAccessor == ""), l.Batch != nil && l.Batch.Parent != l.Owner:
		return fmt.Errorf("lease %s has half an owner", l.ID)
	}
	if !l.held() || l.Owner.IsZero() {
		return nil
	}
	if _, ended := s.estates.find(l.OwnerAccessor); ended {
		return nil
	}
	if t, ok := s.tokenByDigest(l.Owner); !ok || t.Accessor() != l.OwnerAccessor {
		return fmt.Errorf("lease %s of token %s, which is not there", l.ID, l.Owner)
	}
	return nil
}
