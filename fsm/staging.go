package fsm

import "io"

// Staging is a restore on its way: the stream of another state, which arrives in
// parts through the log and changes nothing until one last command puts it in the
// place of this one. There is one or none.
type Staging struct {
	ID        string // drawn by the node that restores
	Serial    uint64 // of the command that began it
	Bytes     uint64 // of the whole stream
	StateHash Digest // of the state in it, as State.Hash has it
	Force     bool
	Forget    bool   // what was revoked since is forgotten
	Actor     string // accessor of who restores
	At        Instant
	Received  uint64 // bytes so far
	Parts     uint64
}

// StagedPart is a part of the stream. Those of a restore that was given up stay
// until they are swept.
type StagedPart struct {
	Staging uint64 // serial of the restore that it belongs to
	Seq     uint64 // from 0
	Data    []byte
}

type partKey struct{ staging, seq uint64 }

func (k partKey) less(o partKey) bool {
	return k.staging < o.staging || k.staging == o.staging && k.seq < o.seq
}

func (s *Staging) tag() recordTag { return tagStaging }

func (s *Staging) fields(c *coder) {
	c.string(&s.ID, AccessorBytes)
	c.u64(&s.Serial)
	c.u64(&s.Bytes)
	c.digest(&s.StateHash)
	c.bool(&s.Force)
	c.bool(&s.Forget)
	c.string(&s.Actor, AccessorBytes)
	c.instant(&s.At)
	c.u64(&s.Received)
	c.u64(&s.Parts)
}

func (p *StagedPart) key() partKey { return partKey{p.Staging, p.Seq} }

func (p *StagedPart) tag() recordTag { return tagStagedPart }

func (p *StagedPart) fields(c *coder) {
	c.u64(&p.Staging)
	c.u64(&p.Seq)
	c.bytes(&p.Data, StagedPartBytes)
}

// Staging is the restore that is under way.
func (s *State) Staging() (*Staging, bool) { return s.stagings.find(struct{}{}) }

// stagingOf finds the restore that a command names.
func (s *State) stagingOf(id string) (*Staging, *Error) {
	if g, ok := s.Staging(); ok && g.ID == id {
		return g, nil
	}
	return nil, verdict(Conflict, StagingUnknown)
}

// lapses is when a restore is given up that nobody goes on with.
func (s *Staging) lapses() Instant { return s.At.Add(StagingPatience) }

// leftPart finds a part that belongs to no restore any more.
func (s *State) leftPart() (partKey, bool) {
	first, ok := s.stagedParts.first()
	if !ok {
		return partKey{}, false
	}
	g, under := s.Staging()
	return first.key, !under || first.key.staging != g.Serial
}

// sweepParts drops what restores that were given up have left.
func (tx *Tx) sweepParts(budget *int) {
	for *budget > 0 {
		k, left := tx.st.leftPart()
		if !left {
			return
		}
		delRecord(tx, &tx.st.stagedParts, k)
		*budget--
	}
}

// dropStaging gives a restore up. Its parts are left to the sweep.
func (tx *Tx) dropStaging() { delRecord(tx, &tx.st.stagings, struct{}{}) }

// expireStaging drops a restore that nobody goes on with.
func (tx *Tx) expireStaging(budget *int) {
	if g, ok := tx.st.Staging(); ok && *budget > 0 && g.lapses() <= tx.clock() {
		tx.dropStaging()
		*budget--
	}
}

// stagedStream reads the parts of a restore one after the other.
type stagedStream struct {
	s    *State
	next partKey
	rest []byte
}

func (r *stagedStream) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		part, ok := r.s.stagedParts.find(r.next)
		if !ok {
			return 0, io.EOF
		}
		r.rest = part.Data
		r.next.seq++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
