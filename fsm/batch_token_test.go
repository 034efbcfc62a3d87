package fsm_test

import (
	"bytes"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// addBatch leaves what batch tokens leave: a fence over one.
func addBatch(l *fsmtest.Lab) {
	l.Create("root", "batch", fsmtest.Batch, fsmtest.Policies("web"), fsmtest.TTL(time.Hour))
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/up"})
}

func batchSample() *fsm.BatchToken {
	return &fsm.BatchToken{
		KeyID: "0123456789abcdef", Serial: 300, Accessor: fsmtest.Accessor("t"), Parent: fsmtest.Digest("p"),
		Path: "auth/token/create/ci", Role: "ci", DisplayName: "token-me", Policies: []string{"default", "web"},
		Meta: []fsm.MetaPair{{Key: "a", Value: "1"}}, CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		CreatedAt: fsmtest.Start, TTL: time.Hour,
	}
}

func TestGoldenBatchToken(t *testing.T) {
	b := batchSample()
	golden(t, "batch-token", b.Contents())
	env := sample(&fsm.Tick{})
	env.Caller.Batch = b
	golden(t, "batch-caller", env.Encode())
	again, err := fsm.DecodeEnvelope(readGolden(t, filepath.Join("testdata", "batch-caller.hex")))
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Caller.Batch; got.KeyID != b.KeyID || !bytes.Equal(got.Contents(), b.Contents()) || again.Caller.Token != env.Caller.Token {
		t.Fatalf("decoded %+v", again.Caller)
	}
}

// What no node may make and no member may pass on.
func TestBatchTokenOfHostileShape(t *testing.T) {
	for what, change := range map[string]func(*fsm.BatchToken){ // order: each stands alone
		"root":                func(b *fsm.BatchToken) { b.Policies = []string{"root"} },
		"root among others":   func(b *fsm.BatchToken) { b.Policies = []string{"default", "root"} },
		"no accessor":         func(b *fsm.BatchToken) { b.Accessor = "" },
		"no term":             func(b *fsm.BatchToken) { b.TTL = 0 },
		"a term without end":  func(b *fsm.BatchToken) { b.TTL = fsm.MaxTTL + 1 },
		"a negative term":     func(b *fsm.BatchToken) { b.TTL = -time.Hour },
		"made before time":    func(b *fsm.BatchToken) { b.CreatedAt = -1 },
		"a deadline of never": func(b *fsm.BatchToken) { b.CreatedAt = fsm.Never - 1 },
	} {
		b := batchSample()
		change(b)
		if _, err := fsm.DecodeBatchToken(b.KeyID, b.Contents()); err == nil {
			t.Errorf("%s: taken", what)
		}
		env := sample(&fsm.Tick{})
		env.Caller.Batch = b
		if _, err := fsm.DecodeEnvelope(env.Encode()); err == nil {
			t.Errorf("%s: taken from a member", what)
		}
	}
	b := batchSample()
	if _, err := fsm.DecodeBatchToken("", b.Contents()); err == nil {
		t.Error("no key: taken")
	}
	for what, in := range map[string][]byte{ // order: each stands alone
		"nothing":         nil,
		"another version": append([]byte{2}, b.Contents()[1:]...),
		"cut short":       b.Contents()[:len(b.Contents())-1],
		"trailing bytes":  append(b.Contents(), 0),
		"too long":        append(b.Contents(), make([]byte, fsm.MaxBatchBytes)...),
	} {
		if _, err := fsm.DecodeBatchToken("k", in); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}

// The longest contents pass through the log with any command that is valid.
func TestLargestBatchCaller(t *testing.T) {
	b := batchSample()
	b.Meta = []fsm.MetaPair{{Key: "m"}}
	b.Meta[0].Value = strings.Repeat("x", fsm.MaxBatchBytes-len(b.Contents())-1) // its length takes another byte
	if n := len(b.Contents()); n != fsm.MaxBatchBytes {
		t.Fatalf("%d bytes", n)
	}
	env := sample(&fsm.Wrap{
		Token: fsmtest.Digest("t"), Accessor: fsmtest.Accessor("t"), Path: long(fsm.MaxPathBytes), TTL: time.Minute,
		Box: make([]byte, fsm.MaxWrappedBytes), WrappedAccessor: fsmtest.Accessor("i"),
	})
	env.Caller.Batch = b
	out := env.Encode()
	if len(out) > fsm.MaxCommandBytes {
		t.Fatalf("%d bytes", len(out))
	}
	if _, err := fsm.DecodeEnvelope(out); err != nil {
		t.Fatal(err)
	}
}

// FuzzDecodeBatchToken looks for two spellings of one batch token.
func FuzzDecodeBatchToken(f *testing.F) {
	f.Add(batchSample().Contents())
	f.Add((&fsm.BatchToken{KeyID: "k", Accessor: fsmtest.Accessor("t"), TTL: time.Second}).Contents())
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := fsm.DecodeBatchToken("k", in)
		if err != nil {
			return
		}
		if out := b.Contents(); !bytes.Equal(in, out) {
			t.Fatalf("two spellings of one batch token:\n%x\n%x", in, out)
		}
		env := &fsm.Envelope{Caller: fsm.Caller{Token: fsmtest.Digest("t"), Batch: b}, Command: &fsm.Tick{}}
		again, err := fsm.DecodeEnvelope(env.Encode())
		if err != nil || !bytes.Equal(again.Encode(), env.Encode()) {
			t.Fatalf("does not pass through the log: %v", err)
		}
	})
}
