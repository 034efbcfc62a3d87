package cluster

import (
	"encoding/binary"
	"errors"

	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// The kinds of node-to-node calls. Append-only.
const (
	kindPropose   peer.Kind = 1  // a frame of commands for the leader
	kindReadIndex peer.Kind = 2  // a read round, to the leader
	kindTerm      peer.Kind = 3  // what term are you in
	kindClock     peer.Kind = 4  // what time is it
	kindJoin      peer.Kind = 5  // add me to the configuration
	kindPromise   peer.Kind = 6  // formation
	kindStatus    peer.Kind = 7  // how far are you, what level do you know
	kindStepDown  peer.Kind = 8  // hand leadership over
	kindRemove    peer.Kind = 9  // take a server out of the configuration
	kindHealth    peer.Kind = 10 // how are the servers
	kindLed       peer.Kind = 11 // have you a leader with a quorum
)

var errMalformed = errors.New("malformed message from a peer")

// maxList bounds the items of a list: those of a frame are a batch at most, servers and
// keys are few. An item may be empty, so that without it a message of 4 MiB could make
// four million of what an item becomes.
const maxList = 4096

// reader takes a message apart: varints and byte strings. The first error
// sticks; nothing is allocated on a length's word alone.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.err, r.b = errMalformed, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.uint()
	if r.err != nil || n > uint64(len(r.b)) {
		r.err, r.b = errMalformed, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// hash is four varints, a lane each.
func (r *reader) hash() (h fsm.Hash) {
	for i := range h {
		h[i] = r.uint()
	}
	return h
}

func (r *reader) list() [][]byte {
	var l [][]byte
	n := r.uint()
	if n > maxList {
		r.err, r.b = errMalformed, nil
	}
	for ; n > 0 && r.err == nil; n-- {
		l = append(l, r.bytes())
	}
	return l
}

func (r *reader) texts() []string {
	var l []string
	for _, v := range r.list() {
		l = append(l, string(v))
	}
	return l
}

// decodeUint reads a message that is one number.
func decodeUint(b []byte) (uint64, error) {
	r := reader{b: b}
	v := r.uint()
	return v, r.end()
}

func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.err, r.b = errMalformed, nil
	}
	return r.err
}

func appendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

func appendHash(b []byte, h fsm.Hash) []byte {
	for _, lane := range h {
		b = appendUint(b, lane)
	}
	return b
}

func appendBytes[T string | []byte](b []byte, v T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

func appendList[T string | []byte](b []byte, l []T) []byte {
	b = appendUint(b, uint64(len(l)))
	for _, v := range l {
		b = appendBytes(b, v)
	}
	return b
}
