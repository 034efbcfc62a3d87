package fsm

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
)

// RecordReader reads the canonical stream of a state record by record, in memory
// that does not grow with it. It is as strict as ReadState about form, order and
// hash; whether the records belong together, it cannot see.
type RecordReader struct {
	br    *bufio.Reader
	last  Record // the one that was read last; tag 0: none yet
	key   []byte // where the next one's key goes
	sum   Hash
	bytes recordBytes
	err   error // with which reading ended
}

// Record is one record of a stream. It is good until the next one is read.
type Record struct {
	// Value is a *Token, a *Policy and so on; of kinds that are the machine's own
	// business it tells nothing.
	Value any
	Bytes int // its size in the stream, without the tag and the length before it

	tag  recordTag
	key  []byte
	hash Hash
}

// NewRecordReader reads the stream's head.
func NewRecordReader(r io.Reader) (*RecordReader, error) {
	rr := &RecordReader{br: bufio.NewReaderSize(r, 1<<16)}
	return rr, readMagic(rr.br)
}

// Next is the next record. After the last one, when the hash at the stream's end is
// theirs and nothing follows, the error is io.EOF; any other wraps ErrBadStream.
func (rr *RecordReader) Next() (*Record, error) {
	if rr.err == nil {
		rr.err = rr.next()
	}
	if rr.err != nil {
		return nil, rr.err
	}
	return &rr.last, nil
}

func (rr *RecordReader) next() error {
	b, err := rr.br.ReadByte()
	if err != nil {
		return bad("record: %v", err)
	}
	tag := recordTag(b)
	if (tag == tagHeader) != (rr.last.tag == 0) || tag < rr.last.tag {
		return bad("record tag %d after %d", tag, rr.last.tag)
	}
	if tag == tagEnd {
		return rr.end()
	}
	r, err := rr.bytes.read(rr.br, tag)
	if err != nil {
		return err
	}
	key := appendOrder(rr.key[:0], r)
	if tag == rr.last.tag && bytes.Compare(rr.last.key, key) >= 0 {
		return bad("record with tag %d out of order", tag)
	}
	rr.key = rr.last.key
	rr.last = Record{Value: r, Bytes: len(rr.bytes.buf) - 1, tag: tag, key: key, hash: rr.bytes.hash()}
	rr.sum.add(rr.last.hash)
	return nil
}

func (rr *RecordReader) end() error {
	if err := readSum(rr.br, rr.sum); err != nil {
		return err
	}
	return io.EOF
}

// Hash is that of the state whose records have been read so far.
func (rr *RecordReader) Hash() Hash { return rr.sum }

// Kind is the name of the record's kind, as Census has it.
func (r *Record) Kind() string { return r.tag.String() }

// Compare orders records as a stream does: by kind, then by key. Two of different
// streams that are equal here stand for the same thing.
func (r *Record) Compare(o *Record) int {
	return cmp.Or(cmp.Compare(r.tag, o.tag), bytes.Compare(r.key, o.key))
}

// Same says whether two records that stand for the same thing say the same.
func (r *Record) Same(o *Record) bool { return r.hash == o.hash }

// appendOrder is a record's key in bytes that are in the order of the keys: of two
// parts only the last has no fixed length.
func appendOrder(b []byte, r record) []byte {
	u64 := binary.BigEndian.AppendUint64
	switch r := r.(type) {
	case *Token:
		return append(b, r.Digest[:tokenKeyBytes]...)
	case *Policy:
		return append(b, r.Name...)
	case *Role:
		return append(b, r.Name...)
	case *Cubbyhole:
		return append(append(b, r.Token[:]...), r.Path...)
	case *Mark:
		return append(b, r.Prefix...)
	case *Tombstone:
		return u64(b, r.Serial)
	case *session:
		return u64(b, r.id)
	case *outcome:
		return u64(u64(b, r.session), r.seq)
	case *keyed:
		return append(append(b, r.caller[:]...), r.key[:]...)
	case *Mount:
		return u64(b, r.Serial)
	case *User:
		return append(u64(b, r.Mount), r.Name...)
	case *Lockout:
		return append(u64(b, r.Mount), r.Name...)
	case *Wrapping:
		return append(b, r.Token[:]...)
	case *DataKey:
		return u64(append(b, byte(r.Purpose)), r.Term)
	case *Fence:
		return append(append(b, byte(r.Scope)), r.Name...)
	case *Approle:
		return u64(b, r.Serial)
	case *SecretID:
		return append(u64(b, r.Role), r.Digest[:]...)
	case *EngineItem:
		return append(u64(b, r.Mount), r.Path...)
	case *Lease:
		return append(b, r.ID...)
	case *Estate:
		return append(b, r.Accessor...)
	case *AuditDevice:
		return append(b, r.Path...)
	case *AuditHeader:
		return append(b, r.Name...)
	case *JWTConfig:
		return u64(b, r.Mount)
	case *JWTRole:
		return append(u64(b, r.Mount), r.Name...)
	case *Cert:
		return append(u64(b, r.Mount), r.Name...)
	case *RateQuota:
		return append(b, r.Name...)
	case *LeaseQuota:
		return append(b, r.Name...)
	case *SignedUser:
		return append(b, r.key()...)
	case *Runner:
		return append(b, r.ID...)
	case *Deployment:
		return append(b, r.ID...)
	case *SnapshotSchedule:
		return append(b, r.Name...)
	case *SnapshotStatus:
		return append(b, r.Name...)
	case *StagedPart:
		return u64(u64(b, r.Staging), r.Seq)
	case *header, *SignedConfig, *QuotaConfig, *Autopilot, *Staging: // there is one, or none
		return b
	}
	panic("fsm: records of the kind " + r.tag().String() + " have no order")
}
