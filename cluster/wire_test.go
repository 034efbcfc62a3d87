package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jeton-io/jeton/cluster/peer"
)

func TestReaderTakesApartWhatWasPutTogether(t *testing.T) {
	b := appendUint(nil, 1<<63)
	b = appendBytes(b, "jeton")
	b = appendList(b, []string{"", "a", "bc"})
	b = appendBytes(b, []byte(nil))
	r := reader{b: b}
	if v := r.uint(); v != 1<<63 {
		t.Errorf("number %d", v)
	}
	if v := r.bytes(); string(v) != "jeton" {
		t.Errorf("bytes %q", v)
	}
	if l := r.list(); len(l) != 3 || string(bytes.Join(l, []byte("|"))) != "|a|bc" {
		t.Errorf("list %q", l)
	}
	if v := r.bytes(); len(v) != 0 {
		t.Errorf("empty bytes %q", v)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestReaderRefuses(t *testing.T) {
	tests := map[string]struct {
		in   []byte
		read func(*reader)
	}{
		"nothing":           {nil, func(r *reader) { r.uint() }},
		"cut number":        {[]byte{0x80}, func(r *reader) { r.uint() }},
		"number too large":  {bytes.Repeat([]byte{0xff}, 11), func(r *reader) { r.uint() }},
		"length lies":       {[]byte{5, 'a'}, func(r *reader) { r.bytes() }},
		"length of 2^63":    {appendUint(nil, 1<<63), func(r *reader) { r.bytes() }},
		"list lies":         {[]byte{200, 1, 1, 'a'}, func(r *reader) { r.list() }},
		"list of 2^63":      {appendUint(nil, 1<<63), func(r *reader) { r.list() }},
		"something follows": {[]byte{1, 2}, func(r *reader) { r.uint() }},
	}
	for name, tt := range tests {
		r := reader{b: tt.in}
		tt.read(&r)
		if err := r.end(); !errors.Is(err, errMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		if r.uint() != 0 || r.bytes() != nil {
			t.Errorf("%s: reads on after the error", name)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendList(appendUint(nil, 1), []string{"a", "b"}))
	f.Add(appendAnswer(appendUint(nil, 1), answer{reply: []byte("x"), index: 7}))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := reader{b: bytes.Clone(in)}
		v := r.uint()
		l := r.list()
		if r.end() == nil {
			// Numbers may be spelled longer than needed; what they mean comes back.
			again := reader{b: appendList(appendUint(nil, v), l)}
			if w, m := again.uint(), again.list(); w != v || again.end() != nil || !slices.EqualFunc(l, m, bytes.Equal) {
				t.Fatalf("%x: %d %q comes back as %d %q", in, v, l, w, m)
			}
		}
		batch := []*op{newOp(nil, false), newOp(nil, false)}
		err := decodeAnswers(in, batch)
		for _, o := range batch {
			if answered := len(o.answer) == 1; answered != (err == nil) {
				t.Fatalf("%x: error %v, answered %v", in, err, answered)
			}
		}
	})
}

// What the batcher says of a command is what the follower hears, and whether it
// may have been applied is never lost on the way.
func TestAnswersCrossTheWire(t *testing.T) {
	tests := []struct{ in, want error }{
		{nil, nil},
		{ErrNoLeader, ErrNoLeader},
		{fmt.Errorf("%w: clock", ErrNoLeader), ErrNoLeader},
		{ErrOverloaded, ErrOverloaded},
		{ErrRefused, ErrRefused},
		{ErrNotReady, ErrNotReady},
		{ErrUnknownOutcome, ErrUnknownOutcome},
		{errMalformed, ErrUnknownOutcome},
	}
	out := appendUint(nil, uint64(len(tests)))
	var batch []*op
	for i, tt := range tests {
		out = appendAnswer(out, answer{reply: []byte{byte(i)}, index: uint64(i), err: tt.in})
		batch = append(batch, newOp(nil, false))
	}
	if err := decodeAnswers(out, batch); err != nil {
		t.Fatal(err)
	}
	for i, tt := range tests {
		a := <-batch[i].answer
		if !errors.Is(a.err, tt.want) || a.index != uint64(i) {
			t.Errorf("%v arrives as %v with index %d", tt.in, a.err, a.index)
		}
		if (tt.in == nil) != (len(a.reply) == 1) {
			t.Errorf("%v: reply %x", tt.in, a.reply)
		}
		if tt.want != nil && notApplied(a.err) != !errors.Is(tt.want, ErrUnknownOutcome) {
			t.Errorf("%v: not applied is %v", tt.in, notApplied(a.err))
		}
	}
	if err := decodeAnswers(out, batch[1:]); !errors.Is(err, errMalformed) {
		t.Errorf("a wrong number of answers: %v", err)
	}
}

func TestCallErrors(t *testing.T) {
	for in, want := range map[error]error{
		peer.ErrNotLeader: ErrNoLeader, peer.ErrUnreachable: ErrNoLeader, peer.ErrNotMember: ErrNoLeader,
		peer.ErrClosed: ErrNoLeader, peer.ErrOverloaded: ErrOverloaded, peer.ErrTimeout: ErrNoLeader,
		peer.ErrUnknownOutcome: ErrUnknownOutcome, peer.ErrFailed: ErrUnknownOutcome, errMalformed: ErrUnknownOutcome,
	} {
		if got := callError(fmt.Errorf("call: %w", in)); !errors.Is(got, want) {
			t.Errorf("%v becomes %v, want %v", in, got, want)
		}
	}
}
