package snapshot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"io"
)

// Contents are what an archive holds beside the state.
type Contents struct {
	Meta   Meta
	Sums   []byte // SHA256SUMS, which Read has compared
	Sealed []byte // SHA256SUMS.sealed, for whoever can tell what it says
}

// Read reads an archive to its end. state gets the bytes of state.bin once, after
// meta.json has been read; its error is Read's. It may leave bytes unread. What it
// made of them is good only when Read returns no error. A state of more than most
// bytes is refused before state is called. Errors are *Error for what is wrong with
// the archive; others are the reader's or state's.
func Read(r io.Reader, most int64, state func(Meta, io.Reader) error) (*Contents, error) {
	end := bufio.NewReaderSize(r, 64<<10) // which has ReadByte, so that gzip takes no byte too many
	zr, err := gzip.NewReader(end)
	if err != nil {
		return nil, refusal(err, "the header")
	}
	zr.Multistream(false)
	if zr.Name != "" || zr.Comment != "" || len(zr.Extra) > 0 {
		return nil, refuse(NotAnArchive, "the gzip header has a name, a comment or an extra field")
	}
	c, err := readMembers(zr, most, state)
	if err != nil {
		return nil, err
	}
	if _, err := end.ReadByte(); err != io.EOF {
		if err != nil {
			return nil, refusal(err, "the end")
		}
		return nil, refuse(Trailing, "something follows the archive")
	}
	return c, nil
}

func readMembers(zr io.Reader, most int64, state func(Meta, io.Reader) error) (*Contents, error) {
	t := &tarReader{r: zr}
	meta, err := t.bytes(metaName, maxMetaBytes)
	if err != nil {
		return nil, err
	}
	m, err := decodeMeta(meta)
	if err != nil {
		return nil, err
	}
	sum, err := t.state(m, most, state)
	if err != nil {
		return nil, err
	}
	c := &Contents{Meta: *m}
	if c.Sums, err = t.bytes(sumsName, maxMetaBytes); err != nil {
		return nil, err
	}
	if want := sumLines(sha256.Sum256(meta), sum); !bytes.Equal(want, c.Sums) {
		return nil, refuse(BadSum, "SHA256SUMS does not fit the members")
	}
	if c.Sealed, err = t.bytes(sealedName, maxSealedBytes); err != nil {
		return nil, err
	}
	if len(c.Sealed) == 0 {
		return nil, refuse(BadMember, "SHA256SUMS.sealed is empty")
	}
	return c, t.end()
}

// tarReader reads members as tarWriter writes them.
type tarReader struct{ r io.Reader }

// open reads the header of the member that has to come next.
func (t *tarReader) open(name string, most int64) (int64, error) {
	block := make([]byte, blockBytes)
	if _, err := io.ReadFull(t.r, block); err != nil {
		return 0, refusal(err, "the header of "+name)
	}
	size, ok := sizeIn(block)
	if !ok {
		return 0, refuse(BadMember, "%s is there where %s has to be", nameIn(block), name)
	}
	want, err := header(name, size)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(block, want) {
		return 0, refuse(BadMember, "%s is there where %s has to be, or its header is not as it is written", nameIn(block), name)
	}
	if size > most {
		return 0, refuse(TooLarge, "%s has %d bytes, at most %d are allowed", name, size, most)
	}
	return size, nil
}

func (t *tarReader) bytes(name string, most int64) ([]byte, error) {
	size, err := t.open(name, most)
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(t.r, b); err != nil {
		return nil, refusal(err, name)
	}
	return b, t.zeros(padding(size), name)
}

// state has the state read, and sums up all of it.
func (t *tarReader) state(m *Meta, most int64, read func(Meta, io.Reader) error) (sum [sha256.Size]byte, err error) {
	size, err := t.open(stateName, min(most, MaxStateBytes))
	if err != nil {
		return sum, err
	}
	if size != m.StateBytes {
		return sum, refuse(BadMember, "state.bin has %d bytes, meta.json says %d", size, m.StateBytes)
	}
	hash := sha256.New()
	rest := &io.LimitedReader{R: t.r, N: size}
	content := &stateReader{r: io.TeeReader(rest, hash), left: rest}
	failed := read(*m, content)
	if content.err == nil {
		_, content.err = io.Copy(hash, rest)
	}
	switch {
	case content.err == nil && rest.N > 0:
		content.err = io.ErrUnexpectedEOF
		fallthrough
	case content.err != nil:
		return sum, refusal(content.err, stateName)
	case failed != nil:
		return sum, failed
	}
	return [sha256.Size]byte(hash.Sum(nil)), t.zeros(padding(size), stateName)
}

// zeros wants so many zeros.
func (t *tarReader) zeros(n int64, after string) error {
	b := make([]byte, n)
	if _, err := io.ReadFull(t.r, b); err != nil {
		return refusal(err, "what follows "+after)
	}
	if !bytes.Equal(b, make([]byte, n)) {
		return refuse(BadMember, "%s is not followed by zeros", after)
	}
	return nil
}

// end wants the end of the tar, and has gzip vouch for all of it, which it does only
// when it is read to its end.
func (t *tarReader) end() error {
	if err := t.zeros(2*blockBytes, sealedName); err != nil {
		return err
	}
	var b [1]byte
	switch _, err := io.ReadFull(t.r, b[:]); err {
	case io.EOF:
		return nil
	case nil:
		return refuse(BadMember, "something follows the last member")
	default:
		return refusal(err, "the end")
	}
}

// stateReader keeps the error with which reading the archive ended, which whoever
// reads the state may word in another way.
type stateReader struct {
	r    io.Reader
	left *io.LimitedReader
	err  error
}

func (s *stateReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	switch {
	case err == io.EOF && s.left.N > 0:
		err = io.ErrUnexpectedEOF
		fallthrough
	case err != nil && err != io.EOF:
		s.err = err
	}
	return n, err
}
