package fsm

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// The canonical stream of a state:
//
//	magic     8 bytes, "jetonfsm"
//	version   1 byte, 1
//	records   tag (1 byte), length (varint), fields; by tag, then by key
//	end       tag 255, then the state hash, 32 bytes big-endian
//
// Equal states write equal bytes.
const (
	streamMagic   = "jetonfsm"
	streamVersion = 1
	// maxRecordBytes bounds what a reader believes: the largest record is a
	// policy with its text and its parsed form.
	maxRecordBytes = 256 << 10
)

// ErrBadStream is wrapped by every refusal of Read.
var ErrBadStream = errors.New("not a canonical state")

// ErrDamaged: the records in memory are not those that were entered, by their hash.
// The log cannot lead there: the memory, or what wrote to it, is at fault.
var ErrDamaged = errors.New("the state in memory is damaged")

// WriteTo streams the state in canonical form. It takes no lock: the state does
// not change. When what it has written does not have the hash that was kept up with
// each change, the error is ErrDamaged and the stream has no end.
func (s *State) WriteTo(w io.Writer) (int64, error) {
	bw := bufio.NewWriterSize(w, 1<<16)
	count := &counter{w: bw}
	_, err := io.WriteString(count, streamMagic+string(rune(streamVersion)))
	var hs hasher
	var sum Hash
	head := make([]byte, 0, binary.MaxVarintLen64+1)
	s.eachRecord(func(r record) bool {
		sum.add(hs.hash(r))
		content := hs.c.buf[1:] // what was hashed has the tag before it
		head = binary.AppendUvarint(append(head[:0], byte(r.tag())), uint64(len(content)))
		if err == nil {
			_, err = count.Write(head)
		}
		if err == nil {
			_, err = count.Write(content)
		}
		return err == nil
	})
	if err != nil {
		return count.n, err
	}
	if sum != s.Hash() {
		return count.n, ErrDamaged
	}
	if _, err := count.Write(s.Hash().append([]byte{byte(tagEnd)})); err != nil {
		return count.n, err
	}
	return count.n, bw.Flush()
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadState reads a canonical stream to its end, strictly: any deviation, the
// hash included, is an error that wraps ErrBadStream. Memory grows with the
// bytes that arrive, not with what they claim.
func ReadState(r io.Reader) (*State, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	st, err := readRecords(br)
	if err != nil {
		return nil, err
	}
	if err := readSum(br, st.Hash()); err != nil {
		return nil, err
	}
	return st, nil
}

// readSum reads what stands behind the tag of the end: the hash that the records
// before it have to have, and nothing more.
func readSum(br *bufio.Reader, h Hash) error {
	var sum [hashBytes]byte
	if _, err := io.ReadFull(br, sum[:]); err != nil {
		return bad("hash: %v", err)
	}
	if _, err := br.ReadByte(); err != io.EOF {
		return bad("bytes after the end")
	}
	if want := h.append(nil); !bytes.Equal(want, sum[:]) {
		return bad("hash %x, stream says %x", want, sum)
	}
	return nil
}

// readRecords reads everything up to the tag of the end.
func readRecords(br *bufio.Reader) (*State, error) {
	if err := readMagic(br); err != nil {
		return nil, err
	}
	tx := begin(newState())
	var tokens tokenLoad
	rr := recordBytes{sharing: newSharing()}
	last := recordTag(0)
	for {
		b, err := br.ReadByte()
		if err != nil {
			return nil, bad("record: %v", err)
		}
		tag := recordTag(b)
		if (tag == tagHeader) != (last == 0) || tag < last {
			return nil, bad("record tag %d after %d", tag, last)
		}
		if last == tagToken && tag != tagToken && !tokens.index(tx) {
			return nil, bad("two tokens of one accessor")
		}
		if tag == tagEnd {
			st := tx.freeze()
			if err := st.checkRelations(); err != nil {
				return nil, bad("%v", err)
			}
			return st, nil
		}
		last = tag
		r, err := rr.read(br, tag)
		if err != nil {
			return nil, err
		}
		if t, ok := r.(*Token); ok && !tokens.take(tx, t, rr.hash()) || !ok && !tx.enter(r) {
			return nil, bad("record with tag %d out of order", tag)
		}
	}
}

func readMagic(br *bufio.Reader) error {
	head := make([]byte, len(streamMagic)+1)
	if _, err := io.ReadFull(br, head); err != nil {
		return bad("header: %v", err)
	}
	if string(head) != streamMagic+string(rune(streamVersion)) {
		return bad("magic %q", head)
	}
	return nil
}

// recordBytes reads records, into the same buffer one after the other: what is decoded has
// copies of its own.
type recordBytes struct {
	buf     []byte   // the tag, then the fields
	sharing *sharing // nil: none
}

// read reads what follows the tag of a record.
func (b *recordBytes) read(br *bufio.Reader, tag recordTag) (record, error) {
	n, err := readLength(br)
	if err != nil {
		return nil, bad("length of record with tag %d: %v", tag, err)
	}
	b.buf = append(slices.Grow(b.buf[:0], 1+int(n)), byte(tag))[:1+n]
	if _, err := io.ReadFull(br, b.buf[1:]); err != nil {
		return nil, bad("record with tag %d: %v", tag, err)
	}
	r := newRecord(tag)
	if r == nil {
		return nil, bad("unknown record tag %d", tag)
	}
	c := coder{buf: b.buf[1:], decoding: true, sharing: b.sharing}
	if r.fields(&c); c.end() != nil {
		return nil, bad("record with tag %d: %v", tag, c.end())
	}
	return r, nil
}

// hash is that of the record which was read last: since decoding is strict, what was read
// is what would be written.
func (b *recordBytes) hash() Hash { return hashOf(sha256.Sum256(b.buf)) }

// readLength reads a varint in its one spelling.
func readLength(br *bufio.Reader) (n uint64, err error) {
	for shift := 0; ; shift += 7 {
		b, err := br.ReadByte()
		if err != nil {
			return 0, err
		}
		n |= uint64(b&0x7f) << shift
		switch {
		case n > maxRecordBytes || shift > 21:
			return 0, fmt.Errorf("above %d", maxRecordBytes)
		case b == 0 && shift > 0:
			return 0, errNotCanonical
		case b < 0x80:
			return n, nil
		}
	}
}

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBadStream}, args...)...)
}

// Restore replaces the machine's state by st, standing at a raft index. Watches
// stay: their requests are proposed again and recognised.
func (m *Machine) Restore(st *State, index uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prepared = nil
	m.checks.Store(new(checks))
	next := *st
	next.index = index
	m.state.Store(&next)
}
