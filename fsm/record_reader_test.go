package fsm_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// records reads a whole stream, and says how many of each kind were in it.
func records(stream []byte) (map[string]fsm.RecordCount, fsm.Hash, error) {
	counts := make(map[string]fsm.RecordCount)
	rr, err := fsm.NewRecordReader(bytes.NewReader(stream))
	for err == nil {
		var r *fsm.Record
		if r, err = rr.Next(); err == nil {
			n := counts[r.Kind()]
			n.Name, n.Records, n.Bytes, n.Largest = r.Kind(), n.Records+1, n.Bytes+int64(r.Bytes), max(n.Largest, r.Bytes)
			counts[r.Kind()] = n
		}
	}
	if err == io.EOF {
		err = nil
	}
	return counts, rr.Hash(), err
}

// What is read record by record is the state, every kind of record among it.
func TestRecordReader(t *testing.T) {
	for _, st := range []*fsm.State{sampleState(t).State(), goldenState(t)} {
		counts, hash, err := records(stateBytes(t, st))
		if err != nil {
			t.Fatal(err)
		}
		if hash != st.Hash() {
			t.Errorf("hash is %s, the state's %s", hash, st.Hash())
		}
		for _, want := range st.Census() {
			if counts[want.Name] != want {
				t.Errorf("read %+v, the state has %+v", counts[want.Name], want)
			}
			delete(counts, want.Name)
		}
		if len(counts) > 0 {
			t.Errorf("read %+v, too", counts)
		}
	}
}

// goldenState is the one in testdata.
func goldenState(t *testing.T) *fsm.State {
	t.Helper()
	st, err := fsm.ReadState(bytes.NewReader(readGolden(t, "testdata/state.hex")))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Whatever ReadState refuses for its form, its order or its hash, the reader of
// records refuses.
func TestRecordReaderRefuses(t *testing.T) {
	good := stateBytes(t, sampleState(t).State())
	refuse := func(what string, at int, b []byte) {
		t.Helper()
		if _, _, err := records(b); !errors.Is(err, fsm.ErrBadStream) {
			t.Fatalf("%s at %d: error %v", what, at, err)
		}
	}
	for n := range good {
		refuse("cut", n, good[:n])
		b := bytes.Clone(good)
		b[n] ^= 1 << (n % 8)
		refuse("flipped", n, b)
	}
	refuse("bytes behind", len(good), append(bytes.Clone(good), 0))
}

// Records of two streams meet where they stand for the same thing.
func TestRecordCompare(t *testing.T) {
	l := sampleState(t)
	before := stateBytes(t, l.State())
	l.Must("root", fsmtest.Create("between"))
	after := stateBytes(t, l.State())
	a, err := fsm.NewRecordReader(bytes.NewReader(before))
	if err != nil {
		t.Fatal(err)
	}
	b, err := fsm.NewRecordReader(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	made, changed := 0, map[string]int{}
	x, errX := a.Next()
	y, errY := b.Next()
	for errX == nil && errY == nil {
		c := x.Compare(y)
		switch {
		case c < 0:
			changed[x.Kind()]++ // gone: what a session no longer keeps
		case c > 0:
			if y.Kind() == "token" {
				made++
			}
		case !x.Same(y):
			changed[y.Kind()]++
		}
		if c <= 0 {
			x, errX = a.Next()
		}
		if c >= 0 {
			y, errY = b.Next()
		}
	}
	if made != 1 || changed["header"] != 1 || changed["token"] != 0 || changed["policy"] != 0 {
		t.Errorf("made %d, changed %v; ended with %v, %v", made, changed, errX, errY)
	}
}

// Whatever a machine can come to is read record by record.
func TestRecordReaderReadsWhatIsWritten(t *testing.T) {
	for seed := range seeds(t) / 5 {
		r := newRun(t, 1000+seed)
		for range 100 {
			r.entry()
		}
		st := r.lab.State()
		counts, hash, err := records(stateBytes(t, st))
		if err != nil || hash != st.Hash() || len(counts) != len(st.Census()) {
			t.Fatalf("seed %d: %d kinds of %d, hash %s, want %s, %v", seed, len(counts), len(st.Census()), hash, st.Hash(), err)
		}
	}
}
