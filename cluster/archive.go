package cluster

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// archiveLabel stands before SHA256SUMS in what is digested, so that the result is
// no token's digest: no token's text has a line feed.
const archiveLabel = "jeton snapshot v1\n"

// WriteArchive writes a state as an archive, in memory that does not grow with it.
// The state does not change, so writes go on meanwhile. digest is the cluster's,
// which vouches for the archive: whoever does not know its salt cannot make
// SHA256SUMS.sealed for another state.
func WriteArchive(w io.Writer, st *fsm.State, digest func(string) (fsm.Digest, error)) error {
	m := snapshot.Meta{
		Level: st.Level, Cluster: hex.EncodeToString(st.Cluster[:]), Index: st.Index(),
		Epoch: st.Epoch, Serial: st.Serial, Time: st.Clock.Time(), SealKey: st.Salt.KeyID, StateHash: st.Hash().String(),
	}
	return snapshot.Write(w, m, st, func(sums []byte) ([]byte, error) { return sealSums(sums, digest) })
}

// WriteArchive is the function of that name, for this node's cluster. Memory that is found
// to be damaged ends the node: everything else that it says rests on it, too.
func (n *Node) WriteArchive(w io.Writer, st *fsm.State) error {
	err := WriteArchive(w, st, n.Digest)
	if errors.Is(err, fsm.ErrDamaged) {
		n.fault(err)
	}
	return err
}

func sealSums(sums []byte, digest func(string) (fsm.Digest, error)) ([]byte, error) {
	d, err := digest(archiveLabel + string(sums))
	if err != nil {
		return nil, err
	}
	return append(hex.AppendEncode(nil, d[:]), '\n'), nil
}

// ErrForgedArchive: the cluster has not made this archive, or not as it is now.
var ErrForgedArchive = errors.New("SHA256SUMS.sealed is not its cluster's seal of SHA256SUMS")

// VerifyArchive wants the cluster to have vouched for an archive that was read.
func VerifyArchive(a *snapshot.Contents, digest func(string) (fsm.Digest, error)) error {
	want, err := sealSums(a.Sums, digest)
	if err == nil && !hmac.Equal(want, a.Sealed) {
		err = ErrForgedArchive
	}
	return err
}

// ErrSealKey: no seal key is there that opens a salt.
var ErrSealKey = errors.New("seal key is missing")

// DigestUnder is Digest under the salt of another cluster, for its archive. The
// error wraps ErrSealKey.
func (n *Node) DigestUnder(salt fsm.Sealed) (func(string) fsm.Digest, error) {
	plain, err := n.sealer.Open(salt.Box, saltInfo)
	if err != nil {
		return nil, fmt.Errorf("%w: the archive needs %s, this node has %s", ErrSealKey, salt.KeyID, strings.Join(n.sealer.IDs(), ", "))
	}
	return newDigester(salt, plain).digest, nil
}

// What package http needs of package snapshot, which is for us alone to import.
type (
	ArchiveMeta  = snapshot.Meta
	ArchiveError = snapshot.Error
)

// ReadArchive reads an archive to its end and wants the cluster to have vouched for
// it. stage gets the state's stream once; what it made of it is good only when there
// is no error. Those are an *ArchiveError or ErrForgedArchive for what is wrong with
// the archive; others are the reader's, stage's or digest's.
func ReadArchive(r io.Reader, stage func(ArchiveMeta, io.Reader) error, digest func(string) (fsm.Digest, error)) error {
	a, err := snapshot.Read(r, fsm.MaxStagedBytes, stage)
	if err != nil {
		return err
	}
	return VerifyArchive(a, digest)
}
