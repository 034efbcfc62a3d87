package snapshot

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
)

// Write writes an archive. The state is asked twice, for its size and sum and for
// its bytes, so that nothing of it is kept; it has to write the same both times.
// seal vouches for SHA256SUMS: its result stands in the archive as it is. Of m
// everything but Format and StateBytes is the caller's. After an error what was
// written is no archive and is recognised as such.
func Write(w io.Writer, m Meta, state io.WriterTo, seal func(sums []byte) ([]byte, error)) error {
	sum := sha256.New()
	n, err := state.WriteTo(sum)
	if err != nil {
		return fmt.Errorf("measure the state: %w", err)
	}
	if n > MaxStateBytes {
		return refuse(TooLarge, "the state has %d bytes, at most %d fit", n, int64(MaxStateBytes))
	}
	m.Format, m.StateBytes, m.Time = Format, n, m.Time.UTC()
	meta, err := m.encode()
	if err != nil {
		return err
	}
	sums := sumLines(sha256.Sum256(meta), [sha256.Size]byte(sum.Sum(nil)))
	sealed, err := seal(sums)
	if err != nil {
		return fmt.Errorf("seal the checksums: %w", err)
	}
	if len(sealed) == 0 || len(sealed) > maxSealedBytes {
		return fmt.Errorf("seal the checksums: %d bytes, want 1 to %d", len(sealed), maxSealedBytes)
	}
	zw, err := gzip.NewWriterLevel(w, gzip.BestSpeed) // most of a state is digests, which no level makes smaller
	if err != nil {
		return err
	}
	t := &tarWriter{w: zw}
	t.bytes(metaName, meta)
	t.member(stateName, n, state)
	t.bytes(sumsName, sums)
	t.bytes(sealedName, sealed)
	t.zeros(2 * blockBytes)
	if t.err != nil {
		return t.err
	}
	return zw.Close()
}

// sumLines is SHA256SUMS.
func sumLines(meta, state [sha256.Size]byte) []byte {
	return fmt.Appendf(nil, "%x  %s\n%x  %s\n", meta, metaName, state, stateName)
}

// tarWriter writes members until something fails.
type tarWriter struct {
	w   io.Writer
	err error
}

func (t *tarWriter) bytes(name string, content []byte) {
	t.member(name, int64(len(content)), rawBytes(content))
}

func (t *tarWriter) member(name string, size int64, content io.WriterTo) {
	head, err := header(name, size)
	if t.err == nil {
		t.err = err
	}
	if t.err == nil {
		_, t.err = t.w.Write(head)
	}
	if t.err != nil {
		return
	}
	switch n, err := content.WriteTo(t.w); {
	case err != nil:
		t.err = fmt.Errorf("write %s: %w", name, err)
	case n != size:
		t.err = fmt.Errorf("write %s: %d bytes, %d before", name, n, size)
	}
	t.zeros(padding(size))
}

func (t *tarWriter) zeros(n int64) {
	if t.err == nil {
		_, t.err = t.w.Write(make([]byte, n))
	}
}

type rawBytes []byte

func (b rawBytes) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(b)
	return int64(n), err
}
