package fsmtest

import (
	"bytes"

	"github.com/jeton-io/jeton/fsm"
)

// Archive is the stream of the present state.
func (l *Lab) Archive() []byte {
	l.t.Helper()
	var b bytes.Buffer
	if _, err := l.State().WriteTo(&b); err != nil {
		l.t.Fatal(err)
	}
	return b.Bytes()
}

// RestoreID is the id of the restore of a name.
func RestoreID(name string) string { return Accessor("restore " + name) }

// Begin is the command that begins to restore an archive.
func Begin(name string, archive []byte) *fsm.RestoreBegin {
	return &fsm.RestoreBegin{
		ID: RestoreID(name), Bytes: uint64(len(archive)), StateHash: fsm.Digest(archive[len(archive)-len(fsm.Digest{}):]),
	}
}

// Forget is a change to a RestoreBegin.
func Forget(b *fsm.RestoreBegin) { b.Forget = true }

// Force is a change to a RestoreBegin.
func Force(b *fsm.RestoreBegin) { b.Force = true }

// Adopted is the digest of the token of a name under the salt of another cluster.
func Adopted(name string) fsm.Digest { return Digest(name + " of another cluster") }

// Part is the command that brings a part of an archive.
func Part(name string, archive []byte, seq int) *fsm.RestorePart {
	from := seq * fsm.StagedPartBytes
	return &fsm.RestorePart{
		ID: RestoreID(name), Seq: uint64(seq), Data: archive[from:min(from+fsm.StagedPartBytes, len(archive))],
	}
}

// Restore has a token restore an archive, from the first command to the last.
func (l *Lab) Restore(caller string, archive []byte, changes ...func(*fsm.RestoreBegin)) (*fsm.RestoreDone, *fsm.Error) {
	l.t.Helper()
	b := Begin("it", archive)
	for _, change := range changes {
		change(b)
	}
	l.Must(caller, b)
	for seq := range (len(archive) + fsm.StagedPartBytes - 1) / fsm.StagedPartBytes {
		l.Must(caller, Part("it", archive, seq))
	}
	commit := &fsm.RestoreCommit{ID: b.ID}
	if caller != "" {
		commit.Caller = Adopted(caller)
	}
	r, err := l.Do(caller, commit)
	if err != nil {
		return nil, err
	}
	return r.(*fsm.RestoreDone), nil
}

// MustRestore is Restore for what has to succeed.
func (l *Lab) MustRestore(caller string, archive []byte, changes ...func(*fsm.RestoreBegin)) *fsm.RestoreDone {
	l.t.Helper()
	done, err := l.Restore(caller, archive, changes...)
	if err != nil {
		l.t.Fatalf("restore by %q: %v", caller, err)
	}
	return done
}
