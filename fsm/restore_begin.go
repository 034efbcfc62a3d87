package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// Where the API restores archives. They hold everything, so sudo is needed too.
const (
	restorePath      = "sys/storage/raft/snapshot"
	forceRestorePath = "sys/storage/raft/snapshot-force"
)

// RestoreBegin begins to restore an archive. One that was under way is given up.
// A cluster that is not initialized takes one from anybody, and becomes the one of
// which the archive is.
type RestoreBegin struct {
	ID        string // as an accessor, drawn by the proposer
	Bytes     uint64 // of the stream of the state
	StateHash Digest
	Force     bool // the archive may be another cluster's
	Forget    bool
}

func (*RestoreBegin) kind() Kind { return kindRestoreBegin }
func (*RestoreBegin) founds()    {}

func (b *RestoreBegin) fields(c *coder) {
	c.string(&b.ID, AccessorBytes)
	c.u64(&b.Bytes)
	c.digest(&b.StateHash)
	c.bool(&b.Force)
	c.bool(&b.Forget)
}

// Validate bounds the state.
func (b *RestoreBegin) Validate() error {
	if err := checkStagingID(b.ID); err != nil {
		return err
	}
	if b.Bytes == 0 || b.Bytes > MaxStagedBytes {
		return invalid(OutOfRange, "length of the state", b.Bytes, "1 byte to 1 GiB")
	}
	return nil
}

func checkStagingID(id string) *Error {
	if len(id) != AccessorBytes || !isAlphanumeric(id) {
		return invalid(OutOfRange, "id of a restore", id, "24 letters and digits")
	}
	return nil
}

func (b *RestoreBegin) access(*State, *Actor) Access { return restoreAccess(b.Force) }

func restoreAccess(force bool) Access {
	if force {
		return Access{Path: forceRestorePath, Capability: policy.Update}
	}
	return Access{Path: restorePath, Capability: policy.Update}
}

// access is what whoever goes on with a restore needs: the same as to begin it.
func (s *State) restoreAccess(id string) Access {
	g, err := s.stagingOf(id)
	return restoreAccess(err == nil && g.Force)
}

// mayRestore wants sudo besides the capability: reading the same path needs none.
// Who restores has to have something that the restored state can keep, and to be
// there for all of its commands.
// Nobody, which only a cluster without an identity knows, may.
func (a *Actor) mayRestore(path string) *Error {
	switch {
	case a == nil:
		return nil
	case !a.sudo(path):
		return verdict(Denied, PermissionDenied)
	case a.Token.IsBatch() || a.Token.Counted():
		return invalid(RestorerBad)
	}
	return nil
}

func (b *RestoreBegin) apply(tx *Tx, a *Actor) (Result, *Error) {
	if err := a.mayRestore(restoreAccess(b.Force).Path); err != nil {
		return nil, err
	}
	if _, left := tx.st.leftPart(); left { // so that no more than two ever take up room
		return nil, verdict(Limit, StagingBusy)
	}
	g := &Staging{
		ID: b.ID, Serial: tx.serial(), Bytes: b.Bytes, StateHash: b.StateHash, Force: b.Force, Forget: b.Forget,
		Actor: a.accessor(), At: tx.clock(),
	}
	putRecord(tx, &tx.st.stagings, struct{}{}, g)
	return &Done{}, nil
}

// accessor is the actor's; of nobody it is empty.
func (a *Actor) accessor() string {
	if a == nil {
		return ""
	}
	return a.Token.Accessor()
}
