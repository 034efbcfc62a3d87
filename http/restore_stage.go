package http

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// stage sends the state to the log, part by part.
func (r *restore) stage(m cluster.ArchiveMeta, state io.Reader) error {
	r.failed = r.stageAll(m, state)
	return r.failed
}

func (r *restore) stageAll(m cluster.ArchiveMeta, state io.Reader) error {
	hash, err := hex.DecodeString(m.StateHash)
	if err != nil || len(hash) != len(r.begin.StateHash) {
		return invalid("the archive is refused: its state_hash is %s", quote(m.StateHash))
	}
	r.begin.Bytes, r.begin.StateHash = uint64(m.StateBytes), fsm.Digest(hash)
	left := m.StateBytes
	part, err := nextPart(state, left)
	if err != nil {
		return nil // what is wrong with the archive is for its reader to say
	}
	if err := r.judgeOrigin(m, part); err != nil {
		return err
	}
	r.begun = true
	if err := r.send(&r.begin); err != nil {
		return err
	}
	for seq := uint64(0); ; seq++ {
		if err := r.send(&fsm.RestorePart{ID: r.begin.ID, Seq: seq, Data: part}); err != nil {
			return err
		}
		if left -= int64(len(part)); left == 0 {
			return nil
		}
		if part, err = nextPart(state, left); err != nil {
			return nil
		}
	}
}

// nextPart reads a part of which so many bytes are left.
func nextPart(state io.Reader, left int64) ([]byte, error) {
	part := make([]byte, min(left, fsm.StagedPartBytes))
	_, err := io.ReadFull(state, part)
	return part, err
}

// judgeOrigin finds out of which cluster an archive is, before anything of it goes to
// the log. Of another one's it needs the salt: to know its seal, and the caller's
// token in it.
func (r *restore) judgeOrigin(m cluster.ArchiveMeta, beginning []byte) error {
	from, err := fsm.ReadOrigin(beginning)
	if err != nil || hex.EncodeToString(from.Cluster[:]) != m.Cluster {
		return invalid("the archive is refused: its state does not begin as meta.json says")
	}
	if err := r.awaitLevel(from.Level); err != nil {
		return err
	}
	own := r.s.cluster.Local().Cluster
	switch {
	case from.Cluster.IsZero():
		return &fsm.Error{Code: fsm.Invalid, Reason: fsm.ArchiveBlank}
	case from.Cluster == own:
		return nil
	case !r.founding && !r.begin.Force:
		return &fsm.Error{Code: fsm.Invalid, Reason: fsm.ArchiveForeign, Args: []string{m.Cluster, own.String()}}
	}
	if r.under, err = r.s.cluster.DigestUnder(from.Salt); err != nil {
		return invalid("the archive is refused: %v", err)
	}
	return r.askSealKey(from.Salt.KeyID)
}

// askSealKey wants every server that the leader has heard of to hold the seal key: those
// without it could not serve afterwards.
func (r *restore) askSealKey(id string) error {
	healths, err := r.s.cluster.Healths(r.ctx)
	if err != nil {
		return err
	}
	for _, h := range healths {
		if h.Heard && !slices.Contains(h.SealKeys, id) {
			return invalid("the archive is refused: it needs the seal key %s, which server %s does not hold", id, h.ServerID)
		}
	}
	return nil
}

// awaitLevel gives a cluster that has just formed the time to raise its feature level to
// the archive's. That one which it does not reach is refused is for the machine to say.
func (r *restore) awaitLevel(level uint64) error {
	if level > fsm.KnownLevel {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.s.limits.RequestTimeout)
	defer cancel()
	return r.s.cluster.Await(ctx, func(s *fsm.State) bool { return s.Level >= level })
}

// digest is the one of the archive's cluster; that it fails is no fault of the
// archive's.
func (r *restore) digest(text string) (fsm.Digest, error) {
	if r.under != nil {
		return r.under(text), nil
	}
	d, err := r.s.cluster.Digest(text)
	r.failed = err
	return d, err
}

// send has a command applied that is a step on the way: it gets the time of one
// request.
func (r *restore) send(cmd fsm.Command) error {
	ctx, cancel := context.WithTimeout(r.ctx, r.s.limits.RequestTimeout)
	defer cancel()
	_, err := r.do(ctx, cmd)
	return err
}

// do has a command applied for the caller, or for nobody.
func (r *restore) do(ctx context.Context, cmd fsm.Command) (cluster.Reply, error) {
	r.call.ctx = ctx
	if !r.founding {
		return r.propose(cmd)
	}
	return r.call.send(cmd)
}

func (r *restore) commit() (*fsm.RestoreDone, error) {
	cmd := &fsm.RestoreCommit{ID: r.begin.ID}
	if r.under != nil && !r.founding {
		cmd.Caller = r.under(r.secret)
	}
	reply, err := r.do(r.ctx, cmd) // every node reads all of the state now
	var no *fsm.Error
	if r.founding && errors.As(err, &no) && no.Code == fsm.Denied {
		return nil, invalid("the cluster was initialized meanwhile")
	}
	if err != nil {
		return nil, err
	}
	return reply.Result.(*fsm.RestoreDone), nil
}
