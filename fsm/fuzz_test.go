package fsm_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// FuzzDecodeEntry looks for two spellings of one entry: what decodes has to
// encode to the very same bytes.
func FuzzDecodeEntry(f *testing.F) {
	addGolden(f, "entry-*.hex", func(b []byte) { f.Add(b) })
	addGolden(f, "*-caller.hex", func(b []byte) {
		f.Add((&fsm.Entry{At: fsmtest.Start, Envelopes: [][]byte{b}}).Encode())
	})
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := fsm.DecodeEntry(in)
		if err != nil {
			return
		}
		if out := e.Encode(); !bytes.Equal(in, out) {
			t.Fatalf("two spellings of one entry:\n%x\n%x", in, out)
		}
		for _, b := range e.Envelopes {
			env, err := fsm.DecodeEnvelope(b)
			if err != nil {
				continue
			}
			if out := env.Encode(); !bytes.Equal(b, out) {
				t.Fatalf("two spellings of one command:\n%x\n%x", b, out)
			}
		}
	})
}

// FuzzApply applies whatever decodes to a state with something of everything in
// it. Nothing may panic but the documented faults, the state has to stay sound
// and the same for two machines, and it has to survive a snapshot.
func FuzzApply(f *testing.F) {
	addGolden(f, "entry-*.hex", func(b []byte) {
		e, err := fsm.DecodeEntry(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Envelopes[0], e.Envelopes[0])
	})
	addGolden(f, "*-caller.hex", func(b []byte) { f.Add(b, b) })
	base := sampleState(f).State()
	f.Fuzz(func(t *testing.T, a, b []byte) {
		e := fsm.Entry{At: base.Clock.Add(hour)}
		for _, in := range [][]byte{a, b} {
			env, err := fsm.DecodeEnvelope(in)
			if err != nil || len(in) > fsm.MaxCommandBytes {
				continue
			}
			if raise, ok := env.Command.(*fsm.LevelRaise); ok && raise.Level > fsm.KnownLevel {
				continue // a documented fault
			}
			e.Envelopes = append(e.Envelopes, in)
		}
		if len(e.Envelopes) == 0 {
			return
		}
		entry := e.Encode()
		var after [2]*fsm.State
		for i := range after {
			m := fsm.NewMachine()
			m.Restore(base, 10)
			for i, reply := range m.Apply(11, entry) {
				env, _ := fsm.DecodeEnvelope(e.Envelopes[i])
				if _, err := fsm.DecodeOutcome(env.Command, reply); err != nil {
					t.Fatal(err)
				}
			}
			after[i] = m.View()
		}
		if err := fsm.CheckInvariants(after[0]); err != nil {
			t.Fatal(err)
		}
		out := stateBytes(t, after[0])
		if !bytes.Equal(out, stateBytes(t, after[1])) {
			t.Fatal("two machines, two states")
		}
		if _, err := fsm.ReadState(bytes.NewReader(out)); err != nil {
			t.Fatalf("wrote what it does not read: %v", err)
		}
	})
}

// FuzzReadState looks for two spellings of one state, and for streams that break
// the reader or the machine that takes the state over.
func FuzzReadState(f *testing.F) {
	addGolden(f, "state.hex", func(b []byte) {
		f.Add(fsm.Unsummed(b))
	})
	f.Fuzz(func(t *testing.T, in []byte) {
		s, sum, err := fsm.ReadUnsummed(in)
		if err != nil {
			return
		}
		if out := stateBytes(t, s); !bytes.Equal(out, append(bytes.Clone(in), sum...)) {
			t.Fatalf("two spellings of one state:\n%x\n%x", in, out)
		}
		if _, hash, err := records(append(bytes.Clone(in), sum...)); err != nil || hash != s.Hash() {
			t.Fatalf("record by record it has the hash %s, %v", hash, err)
		}
		m := fsm.NewMachine()
		m.Restore(s, 1)
		e := fsm.Entry{Epoch: s.Epoch, At: max(0, min(s.Clock, fsm.Never-1))}
		for _, c := range []fsm.Command{&fsm.Expire{Limit: 50}, &fsm.Sweep{Limit: 50}, &fsm.Tick{}} {
			e.Envelopes = append(e.Envelopes, (&fsm.Envelope{Command: c}).Encode())
		}
		e.Envelopes = append(e.Envelopes, request(77, 1000, 900, "root", fsmtest.Create("new")).Encode())
		m.Apply(2, e.Encode())
	})
}

func addGolden(f *testing.F, pattern string, add func([]byte)) {
	f.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, p := range paths {
		if strings.HasSuffix(p, ".hex") {
			add(readGolden(f, p))
		}
	}
}
