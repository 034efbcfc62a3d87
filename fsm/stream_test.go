package fsm_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func TestStateComesBack(t *testing.T) {
	l := sampleState(t)
	b := stateBytes(t, l.State())
	s, err := fsm.ReadState(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if again := stateBytes(t, s); !bytes.Equal(again, b) || s.Hash() != l.State().Hash() {
		t.Fatal("reads as another state")
	}
	if err := fsm.CheckInvariants(s); err != nil {
		t.Fatal(err)
	}
}

func TestRestoredMachineGoesOnAlike(t *testing.T) {
	l := sampleState(t)
	s, err := fsm.ReadState(bytes.NewReader(stateBytes(t, l.State())))
	if err != nil {
		t.Fatal(err)
	}
	m := fsm.NewMachine()
	m.Restore(s, l.State().Index())
	before := stateBytes(t, s)
	for range 3 {
		entry := (&fsm.Entry{At: l.At, Envelopes: [][]byte{
			l.Envelope("root", fsmtest.Create("new"+l.At.Time().String())).Encode(),
			(&fsm.Envelope{Command: &fsm.Sweep{Limit: 2}}).Encode(),
		}}).Encode()
		got, want := m.Apply(l.State().Index()+1, entry), l.Machine.Apply(l.State().Index()+1, entry)
		if !bytes.Equal(got[0], want[0]) || !bytes.Equal(got[1], want[1]) {
			t.Fatal("other outcomes")
		}
		if !bytes.Equal(stateBytes(t, m.View()), stateBytes(t, l.State())) {
			t.Fatal("another state")
		}
		l.At = l.At.Add(hour)
	}
	if !bytes.Equal(before, stateBytes(t, s)) {
		t.Fatal("the machine wrote to the state it was restored from")
	}
}

func TestHostileStreams(t *testing.T) {
	good := stateBytes(t, sampleState(t).State())
	refuse := func(t *testing.T, b []byte) {
		t.Helper()
		if _, err := fsm.ReadState(bytes.NewReader(b)); !errors.Is(err, fsm.ErrBadStream) {
			t.Fatalf("error %v", err)
		}
	}
	t.Run("cut short anywhere", func(t *testing.T) {
		for n := range len(good) {
			refuse(t, good[:n])
		}
	})
	t.Run("any byte flipped", func(t *testing.T) {
		for i := range good {
			b := bytes.Clone(good)
			b[i] ^= 1 << (i % 8)
			refuse(t, b)
		}
	})
	t.Run("bytes after the end", func(t *testing.T) { refuse(t, append(bytes.Clone(good), 0)) })
	t.Run("a padded length", func(t *testing.T) {
		header := len("jetonfsm") + 2 // magic, version, tag of the header record
		b := bytes.Clone(good[:header])
		b = append(b, good[header]|0x80, 0)
		refuse(t, append(b, good[header+1:]...))
	})
	t.Run("a length that lies", func(t *testing.T) {
		header := len("jetonfsm") + 2
		b := append(bytes.Clone(good[:header]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)
		refuse(t, b)
	})
	t.Run("a reader that fails", func(t *testing.T) {
		r := io.MultiReader(bytes.NewReader(good[:40]), failing{})
		if _, err := fsm.ReadState(r); !errors.Is(err, fsm.ErrBadStream) {
			t.Fatalf("error %v", err)
		}
	})
	t.Run("a writer that fails", func(t *testing.T) {
		if _, err := sampleState(t).State().WriteTo(failing{}); !errors.Is(err, errBroken) {
			t.Fatalf("error %v", err)
		}
	})
}

var errBroken = errors.New("broken pipe")

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errBroken }
func (failing) Write([]byte) (int, error) { return 0, errBroken }
