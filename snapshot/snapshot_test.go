package snapshot_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/snapshot"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func meta() snapshot.Meta {
	return snapshot.Meta{
		Level: 1, Cluster: strings.Repeat("01", 32), Index: 42, Serial: 7,
		Time: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), SealKey: "k1", StateHash: strings.Repeat("0", 63) + "7",
	}
}

type content []byte

func (c content) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(c)
	return int64(n), err
}

func seal(sums []byte) ([]byte, error) { return []byte("sealed"), nil }

func archive(t testing.TB, state string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := snapshot.Write(&b, meta(), content(state), seal); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unzip(t testing.TB, b []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// What is written is read again, for sizes around those of blocks.
func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 513, 1024, 200_000} {
		want := strings.Repeat("x", n)
		var got []byte
		c, err := snapshot.Read(bytes.NewReader(archive(t, want)), math.MaxInt64, func(m snapshot.Meta, r io.Reader) (err error) {
			got, err = io.ReadAll(r)
			return err
		})
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		m := meta()
		m.Format, m.StateBytes = snapshot.Format, int64(n)
		if string(got) != want || c.Meta != m || string(c.Sealed) != "sealed" {
			t.Errorf("%d bytes: read %d bytes, %+v", n, len(got), c)
		}
	}
}

// The golden archive is what this version writes, and the example of doc.go is its
// first member.
func TestGolden(t *testing.T) {
	got := unzip(t, archive(t, "eleven more"))
	const file = "testdata/archive.tar"
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the archive is not the one in %s: a changed format has a new number", file)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	first := want[512:bytes.IndexByte(want, '\n')]
	if !bytes.Contains(doc, append([]byte("//\t"), first...)) {
		t.Errorf("doc.go does not show %s", first)
	}
}

// Any tool that knows tar and gzip can take an archive apart.
func TestOrdinaryTools(t *testing.T) {
	tr := tar.NewReader(bytes.NewReader(unzip(t, archive(t, "state"))))
	var names []string
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if h.Mode != 0o600 || h.Uid != 0 || !h.ModTime.Equal(time.Unix(0, 0)) {
			t.Errorf("header is %+v", h)
		}
	}
	if got := strings.Join(names, " "); got != "meta.json state.bin SHA256SUMS SHA256SUMS.sealed" {
		t.Errorf("members are %s", got)
	}
}

// fickle writes something else each time.
type fickle struct{ n int }

func (f *fickle) WriteTo(w io.Writer) (int64, error) {
	f.n++
	return content(strings.Repeat("x", f.n)).WriteTo(w)
}

type failing struct{}

var errDisk = errors.New("disk is gone")

func (failing) WriteTo(io.Writer) (int64, error)  { return 0, errDisk }
func (failing) Write([]byte) (int, error)         { return 0, errDisk }
func (failing) Read([]byte) (int, error)          { return 0, errDisk }
func (failing) seal(sums []byte) ([]byte, error)  { return nil, errDisk }
func nothing(sums []byte) ([]byte, error)         { return nil, nil }
func unread(snapshot.Meta, io.Reader) error       { return nil }
func ignore(_ snapshot.Meta, r io.Reader) error   { _, err := io.Copy(io.Discard, r); return err }
func complain(_ snapshot.Meta, _ io.Reader) error { return errDisk }

func TestWriteFails(t *testing.T) {
	for name, err := range map[string]error{
		"state":  snapshot.Write(io.Discard, meta(), failing{}, seal),
		"seal":   snapshot.Write(io.Discard, meta(), content("x"), failing{}.seal),
		"writer": snapshot.Write(failing{}, meta(), content("x"), seal),
	} {
		if !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := snapshot.Write(io.Discard, meta(), content("x"), nothing); err == nil {
		t.Error("an empty seal was written")
	}
	var b bytes.Buffer
	if err := snapshot.Write(&b, meta(), new(fickle), seal); err == nil {
		t.Error("a state that changes was written")
	}
	if _, err := snapshot.Read(&b, math.MaxInt64, ignore); err == nil {
		t.Error("what was written before the failure is an archive")
	}
}

// Errors that are not the archive's stay what they are.
func TestReadFails(t *testing.T) {
	whole := archive(t, "state")
	for name, read := range map[string]func() error{
		"the reader": func() error {
			_, err := snapshot.Read(io.MultiReader(bytes.NewReader(whole[:40]), failing{}), math.MaxInt64, ignore)
			return err
		},
		"the state": func() error {
			_, err := snapshot.Read(bytes.NewReader(whole), math.MaxInt64, complain)
			return err
		},
	} {
		var refused *snapshot.Error
		if err := read(); !errors.Is(err, errDisk) || errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := snapshot.Read(bytes.NewReader(whole), math.MaxInt64, unread); err != nil {
		t.Errorf("a state that nobody reads: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(archive(f, "state"))
	f.Add(archive(f, ""))
	f.Fuzz(func(t *testing.T, in []byte) {
		var state []byte
		c, err := snapshot.Read(bytes.NewReader(in), 1<<20, func(_ snapshot.Meta, r io.Reader) (err error) {
			state, err = io.ReadAll(r)
			return err
		})
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := snapshot.Write(&again, c.Meta, content(state), func([]byte) ([]byte, error) { return c.Sealed, nil }); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(unzip(t, again.Bytes()), unzip(t, in)) {
			t.Fatal("two spellings of one archive")
		}
	})
}
