package fsm_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// bench is a lab with some tokens to begin with, whose entries are made outside
// of the measured time.
type bench struct {
	*fsmtest.Lab
	seq uint64
}

func newBench(b *testing.B, tokens int) *bench {
	l := &bench{Lab: fsmtest.New(b)}
	l.Cluster(&fsm.SessionOpen{Session: 9})
	grow(b, l.Lab, tokens)
	return l
}

// entry is the bytes of an entry of n commands.
func (l *bench) entry(n int, each func(i uint64) (caller fsm.Digest, c fsm.Command)) []byte {
	e := fsm.Entry{At: l.At}
	for range n {
		l.seq++
		caller, c := each(l.seq)
		env := fsm.Envelope{
			Request: fsm.RequestID{Session: 9, Seq: l.seq, Low: max(1, l.seq-min(l.seq-1, 256))},
			Caller:  fsm.Caller{Token: caller}, Command: c,
		}
		e.Envelopes = append(e.Envelopes, env.Encode())
	}
	return e.Encode()
}

func number(i uint64) fsm.Digest { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, i)) }

// run measures commands in entries of a size.
func (l *bench) run(b *testing.B, size int, each func(i uint64) (fsm.Digest, fsm.Command)) {
	b.ReportAllocs()
	for done := 0; b.Loop(); done++ {
		if done%size != 0 {
			continue
		}
		b.StopTimer()
		entry := l.entry(size, each)
		b.StartTimer()
		l.Machine.Apply(l.State().Index()+1, entry)
	}
}

func BenchmarkCreate(b *testing.B) {
	root := fsmtest.Digest("root")
	for _, size := range []int{1, 128} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) {
			l := newBench(b, 50_000)
			l.run(b, size, func(i uint64) (fsm.Digest, fsm.Command) {
				d := number(i)
				return root, &fsm.TokenCreate{
					Token: d, Accessor: fmt.Sprintf("%x", d[:12]), Policies: []string{"default"}, TTL: time.Hour, DisplayName: "bench",
				}
			})
		})
	}
}

func BenchmarkRenew(b *testing.B) {
	l := newBench(b, 50_000)
	l.run(b, 128, func(i uint64) (fsm.Digest, fsm.Command) {
		return fsmtest.Digest(fmt.Sprint("t", i%50_000)), renewSelf(time.Minute + time.Duration(i%1000)*time.Second)
	})
}

func BenchmarkUse(b *testing.B) {
	l := newBench(b, 50_000)
	l.Create("root", "hot", fsmtest.Policies("default"), fsmtest.Uses(fsm.MaxUses))
	hot := fsmtest.Digest("hot")
	use := fsmtest.LookupSelf()
	for _, size := range []int{1, 128} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) {
			l.run(b, size, func(uint64) (fsm.Digest, fsm.Command) { return hot, use })
		})
	}
}

func BenchmarkRevokeLeaf(b *testing.B) {
	l := newBench(b, 50_000)
	next := 0
	l.run(b, 128, func(uint64) (fsm.Digest, fsm.Command) {
		next++
		name := fmt.Sprint("r", next)
		if _, live := l.State().Live(fsmtest.Digest(name), l.At); !live {
			l.Create("root", name, fsmtest.TTL(time.Hour))
		}
		return fsmtest.Digest("root"), fsmtest.Revoke(name)
	})
}

func BenchmarkResolveAndAuthorize(b *testing.B) {
	l := newBench(b, 50_000)
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read), fsmtest.Allow("web/+/x", policy.Update)))
	l.Create("root", "reader", fsmtest.Policies("web"))
	s, c := l.State(), fsm.Caller{Token: fsmtest.Digest("reader")}
	access := fsm.Access{Path: "auth/token/lookup-self", Capability: policy.Read}
	b.ReportAllocs()
	for b.Loop() {
		a, err := s.Resolve(c, s.Clock)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Authorize(a, access, c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	s := newBench(b, 1000).State()
	b.ReportAllocs()
	for b.Loop() {
		s.Hash()
	}
}

// BenchmarkSweep is a sweep of 1000 records.
func BenchmarkSweep(b *testing.B) {
	l := fsmtest.New(b)
	b.ReportAllocs()
	for b.Loop() {
		if !l.State().SweepPending() {
			b.StopTimer()
			l = fsmtest.New(b)
			grow(b, l, 20_000)
			l.Must("root", fsmtest.Revoke("top"))
			b.StartTimer()
		}
		l.Cluster(&fsm.Sweep{Limit: 1000})
	}
}

func BenchmarkWriteTo(b *testing.B) {
	s := newBench(b, 100_000).State()
	b.ReportAllocs()
	for b.Loop() {
		n, err := s.WriteTo(io.Discard)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}

func BenchmarkReadState(b *testing.B) {
	stream := stateBytes(b, newBench(b, 100_000).State())
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fsm.ReadState(bytes.NewReader(stream)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory says what a token takes that was made by an entry, as jeton bench makes
// them, with its rows in every index.
func BenchmarkMemory(b *testing.B) {
	l := newBench(b, 1)
	root := fsmtest.Digest("root")
	before := liveHeap()
	l.run(b, 128, func(i uint64) (fsm.Digest, fsm.Command) {
		d := number(i)
		return root, &fsm.TokenCreate{
			Token: d, Accessor: fmt.Sprintf("%x", d[:12]), Policies: []string{"default"}, TTL: time.Hour, DisplayName: "bench",
		}
	})
	b.ReportMetric(float64(liveHeap()-before)/float64(l.State().CountTokens()), "B/token")
	runtime.KeepAlive(l)
}

// BenchmarkCollect is a collection of garbage while a million tokens live, each of which
// costs what it says.
func BenchmarkCollect(b *testing.B) {
	const tokens = 1_000_000
	l := newBench(b, 1)
	l.below(b, root, tokens)
	for b.Loop() {
		runtime.GC()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tokens, "ns/token")
	runtime.KeepAlive(l)
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
