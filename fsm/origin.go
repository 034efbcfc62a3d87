package fsm

import (
	"bufio"
	"bytes"
)

// Origin says where a state is from: what a node has to know of an archive before it
// restores it.
type Origin struct {
	Cluster Digest
	Salt    Sealed
	Level   uint64
}

// Origin is where s is from.
func (s *State) Origin() Origin { return Origin{s.Cluster, s.Salt, s.Level} }

// ReadOrigin reads the beginning of a canonical stream, StagedPartBytes of it or all
// there is. Whether the rest fits to it is seen only when that is read. Errors wrap
// ErrBadStream.
func ReadOrigin(beginning []byte) (Origin, error) {
	br := bufio.NewReader(bytes.NewReader(beginning))
	if err := readMagic(br); err != nil {
		return Origin{}, err
	}
	if tag, err := br.ReadByte(); err != nil || recordTag(tag) != tagHeader {
		return Origin{}, bad("record tag %d is the first", tag)
	}
	var b recordBytes
	r, err := b.read(br, tagHeader)
	if err != nil {
		return Origin{}, err
	}
	h := r.(*header)
	return Origin{h.Cluster, h.Salt, h.Level}, nil
}
