package cluster

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// message is how the payload of a call, or of its answer, is read, and how what was
// read is written again.
type message struct {
	name  string
	read  func([]byte) (any, error)
	write func(any) []byte
	seeds [][]byte
}

// messages is everything that reaches a node from a cluster port and is taken apart
// there; the bodies that are one text (kindRemove) or nothing are not.
var messages = []message{
	{
		name: "frame of commands",
		read: func(b []byte) (any, error) {
			ops, err := decodeFrame(b)
			var f frame
			for _, o := range ops {
				f.envelopes, f.watched = append(f.envelopes, string(o.envelope)), o.watched
			}
			return f, err
		},
		write: func(v any) []byte {
			var batch []*op
			for _, e := range v.(frame).envelopes {
				batch = append(batch, newOp([]byte(e), v.(frame).watched))
			}
			return encodeFrame(batch)
		},
		seeds: [][]byte{
			encodeFrame(nil),
			encodeFrame([]*op{newOp([]byte("one"), false), newOp(nil, true)}),
			encodeFrame([]*op{newOp((&fsm.Envelope{Command: &fsm.Tick{}}).Encode(), true)}),
		},
	},
	{
		name:  "read index",
		read:  func(b []byte) (any, error) { return decodeReadIndex(b) },
		write: func(v any) []byte { ri := v.(readIndex); return ri.encode() },
		seeds: [][]byte{readIndex{Index: 7, Now: 1 << 60}.encode()},
	},
	{
		name:  "number",
		read:  func(b []byte) (any, error) { return decodeUint(b) },
		write: func(v any) []byte { return appendUint(nil, v.(uint64)) },
		seeds: [][]byte{appendUint(nil, 0), appendUint(nil, 1<<63)},
	},
	{
		name: "join request",
		read: func(b []byte) (any, error) {
			id, level, err := decodeJoin(b)
			return joining{id, level}, err
		},
		write: func(v any) []byte { return appendUint(appendBytes(nil, v.(joining).cluster), v.(joining).level) },
		seeds: [][]byte{joinRequest("0123456789abcdef0123456789abcdef"), joinRequest("")},
	},
	{
		name: "promise",
		read: func(b []byte) (any, error) {
			servers, binding, err := decodePromise(b)
			return promised{servers, binding}, err
		},
		write: func(v any) []byte { return encodePromise(v.(promised).servers, v.(promised).binding) },
		seeds: [][]byte{encodePromise([]string{"a-1", "b-2", "c-3"}, true), encodePromise(nil, false)},
	},
	{
		name:  "status",
		read:  func(b []byte) (any, error) { return decodeProgress(b) },
		write: func(v any) []byte { p := v.(progress); return p.encode() },
		seeds: [][]byte{
			(&progress{}).encode(),
			(&progress{applied: 9, wantsVote: true, level: 1, term: 3, short: diskLow, sealKeys: []string{"k1", "k2"},
				checks: []fsm.Check{{Index: 4, Hash: fsm.Hash{1, 2}}, {Index: 8}}}).encode(),
		},
	},
	{
		name: "healths",
		read: func(b []byte) (any, error) { return decodeHealths(b) },
		write: func(v any) []byte {
			var list [][]byte
			for _, h := range v.([]Health) {
				list = append(list, h.encode())
			}
			return appendList(nil, list)
		},
		seeds: [][]byte{
			appendList[[]byte](nil, nil),
			appendList(nil, [][]byte{
				(&Health{ServerID: "a-0011223344556677", Voter: true, Leader: true, Healthy: true, Applied: 9, Term: 2,
					StableSince: time.Unix(0, 1<<60), SealKeys: []string{"k"}}).encode(),
				(&Health{ServerID: "b", LastContact: time.Second}).encode(),
			}),
		},
	},
}

type frame struct {
	envelopes []string
	watched   bool
}
type joining struct {
	cluster string
	level   uint64
}
type promised struct {
	servers []string
	binding bool
}

// FuzzMessages: whatever is accepted means the same when it is written and read again,
// and no message becomes more than its bytes allow.
func FuzzMessages(f *testing.F) {
	for i, m := range messages {
		for _, seed := range m.seeds {
			f.Add(uint8(i), seed)
			f.Add(uint8(i), append(bytes.Clone(seed), 0))
			f.Add(uint8(i), seed[:len(seed)/2])
		}
		f.Add(uint8(i), appendUint(nil, 1<<63))
	}
	f.Fuzz(func(t *testing.T, kind uint8, in []byte) {
		m := messages[int(kind)%len(messages)]
		v, err := m.read(in)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Fatalf("%s: %v", m.name, err)
			}
			return
		}
		if h, ok := v.([]Health); ok && !sane(h) {
			return // a time that is not sent: it would wrap
		}
		again, err := m.read(m.write(v))
		if err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("%s: %x is %+v and comes back as %+v, %v", m.name, in, v, again, err)
		}
	})
}

// sane leaves out durations below zero, which are written as none.
func sane(list []Health) bool {
	for _, h := range list {
		if h.LastContact < 0 {
			return false
		}
	}
	return true
}

func TestMessageSeedsAreRead(t *testing.T) {
	for _, m := range messages {
		for _, seed := range m.seeds {
			v, err := m.read(seed)
			if err != nil || !bytes.Equal(m.write(v), seed) {
				t.Errorf("%s: %x is read as %+v, %v", m.name, seed, v, err)
			}
			if _, err := m.read(append(bytes.Clone(seed), 0)); !errors.Is(err, errMalformed) {
				t.Errorf("%s: %x with a byte more: %v", m.name, seed, err)
			}
			for n := range len(seed) {
				if _, err := m.read(seed[:n]); !errors.Is(err, errMalformed) {
					t.Errorf("%s: %d bytes of %x: %v", m.name, n, seed, err)
				}
			}
		}
	}
}

// A frame may be 4 MiB, and an item of a list may be empty: what it is taken apart into
// must not be many times what was sent.
func TestListsAreBounded(t *testing.T) {
	many := func(n int) []byte { return append(appendUint(appendUint(nil, 0), uint64(n)), make([]byte, n)...) }
	if ops, err := decodeFrame(many(maxList)); err != nil || len(ops) != maxList {
		t.Errorf("%d commands: %d, %v", maxList, len(ops), err)
	}
	if ops, err := decodeFrame(many(maxList + 1)); !errors.Is(err, errMalformed) || len(ops) != 0 {
		t.Errorf("%d commands: %d, %v", maxList+1, len(ops), err)
	}
	if batchCommands > maxList {
		t.Error("a batch does not fit into a frame")
	}
	big := appendList(appendUint(nil, 0), [][]byte{make([]byte, fsm.MaxCommandBytes+1)})
	if _, err := decodeFrame(big); !errors.Is(err, errMalformed) || len(big) > peer.MaxPayload {
		t.Errorf("a command of %d bytes: %v", fsm.MaxCommandBytes+1, err)
	}
}
