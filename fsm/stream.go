package fsm

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// WriteTo streams the state in canonical form. It takes no lock: the state does
// not change.
func (s *State) WriteTo(w io.Writer) (int64, error) {
	bw := bufio.NewWriterSize(w, 1<<16)
	count := &counter{w: bw}
	_, err := io.WriteString(count, streamMagic+string(rune(streamVersion)))
	var c coder
	s.eachRecord(func(r record) bool {
		c = coder{buf: c.buf[:0]}
		r.fields(&c)
		var head [binary.MaxVarintLen64 + 1]byte
		head[0] = byte(r.tag())
		n := 1 + binary.PutUvarint(head[1:], uint64(len(c.buf)))
		if err == nil {
			_, err = count.Write(head[:n])
		}
		if err == nil {
			_, err = count.Write(c.buf)
		}
		return err == nil
	})
	if err != nil {
		return count.n, err
	}
	end := []byte{byte(tagEnd)}
	for _, lane := range s.Hash() {
		end = binary.BigEndian.AppendUint64(end, lane)
	}
	if _, err := count.Write(end); err != nil {
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
	head := make([]byte, len(streamMagic)+1)
	if _, err := io.ReadFull(br, head); err != nil {
		return nil, bad("header: %v", err)
	}
	if string(head) != streamMagic+string(rune(streamVersion)) {
		return nil, bad("magic %q", head)
	}
	tx := begin(newState())
	last := recordTag(0)
	for {
		tag, err := br.ReadByte()
		if err != nil {
			return nil, bad("record: %v", err)
		}
		if recordTag(tag) == tagEnd {
			return finish(br, tx, last)
		}
		if recordTag(tag) < last || recordTag(tag) == tagHeader && last == tagHeader || last == 0 && recordTag(tag) != tagHeader {
			return nil, bad("record tag %d after %d", tag, last)
		}
		last = recordTag(tag)
		if err := readRecord(br, tx, last); err != nil {
			return nil, err
		}
	}
}

func readRecord(br *bufio.Reader, tx *Tx, tag recordTag) error {
	n, err := readLength(br)
	if err != nil {
		return bad("length of record with tag %d: %v", tag, err)
	}
	buf := make([]byte, n)
	if _, err := io.ReadFull(br, buf); err != nil {
		return bad("record with tag %d: %v", tag, err)
	}
	r := newRecord(tag)
	if r == nil {
		return bad("unknown record tag %d", tag)
	}
	if err := decode(buf, r); err != nil {
		return bad("record with tag %d: %v", tag, err)
	}
	if !tx.enter(r) {
		return bad("record with tag %d out of order", tag)
	}
	return nil
}

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

func finish(br *bufio.Reader, tx *Tx, last recordTag) (*State, error) {
	if last == 0 {
		return nil, bad("no header")
	}
	var sum [32]byte
	if _, err := io.ReadFull(br, sum[:]); err != nil {
		return nil, bad("hash: %v", err)
	}
	if _, err := br.ReadByte(); err != io.EOF {
		return nil, bad("bytes after the end")
	}
	var want Hash
	for i := range want {
		want[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	st := tx.freeze()
	if got := st.Hash(); got != want {
		return nil, bad("hash %x, stream says %x", got, want)
	}
	return st, nil
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
	next := *st
	next.index = index
	m.state.Store(&next)
}
