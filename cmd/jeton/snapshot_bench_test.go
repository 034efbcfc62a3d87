package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// largeState has so many tokens below a hundred others.
func largeState(b *testing.B, tokens int) *fsmtest.Lab {
	l := fsmtest.New(b)
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read)))
	const parents = 100
	for i := range parents {
		l.Create("root", fmt.Sprint("parent", i), fsmtest.TTL(48*time.Hour)) // root tokens, which may make others
	}
	growState(b, l, "t", tokens-parents)
	return l
}

func growState(b *testing.B, l *fsmtest.Lab, prefix string, tokens int) {
	const batch = 1000
	for from := 0; from < tokens; from += batch {
		var envelopes []*fsm.Envelope
		for i := from; i < min(tokens, from+batch); i++ {
			create := fsmtest.Create(fmt.Sprint(prefix, i), fsmtest.TTL(24*time.Hour+time.Duration(i)*time.Millisecond), fsmtest.Policies("default", "web"))
			create.DisplayName, create.Meta = "token-web", []fsm.MetaPair{{Key: "host", Value: fmt.Sprint("web-", i%5000)}}
			envelopes = append(envelopes, l.Envelope(fmt.Sprint("parent", i%100), create))
		}
		for _, o := range l.Entry(envelopes...) {
			if o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	}
}

// BenchmarkArchive measures what snapshots cost, of 100,000 tokens or as many as
// JETON_SNAPSHOT_TOKENS says. JETON_SNAPSHOT_DIR names a folder in which the archives
// stay, to measure the commands with.
func BenchmarkArchive(b *testing.B) {
	tokens := 100_000
	if n, err := strconv.Atoi(os.Getenv("JETON_SNAPSHOT_TOKENS")); err == nil {
		tokens = n
	}
	dir := os.Getenv("JETON_SNAPSHOT_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	l := largeState(b, tokens)
	first := keepState(b, l, filepath.Join(dir, "old.snap"))
	growState(b, l, "new", tokens/100)
	for i := range tokens / 100 {
		l.Must("root", fsmtest.Revoke(fmt.Sprint("t", 3*i)))
		l.Must("root", fsmtest.Renew(fmt.Sprint("t", 3*i+1), time.Hour))
	}
	l.Clean(1000)
	keepState(b, l, filepath.Join(dir, "new.snap"))
	files := &archives{c: new(console), out: new(output)}
	var stream bytes.Buffer
	if _, err := first.WriteTo(&stream); err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name string
		do   func() error
	}{
		{"WriteTo", func() error { _, err := first.WriteTo(io.Discard); return err }},
		{"ReadState", func() error { _, err := fsm.ReadState(bytes.NewReader(stream.Bytes())); return err }},
		{"Records", func() error { return readRecords(bytes.NewReader(stream.Bytes())) }},
		{"Read", func() error { _, err := files.read(filepath.Join(dir, "old.snap"), ""); return err }},
		{"Diff", func() error {
			_, err := files.diff(filepath.Join(dir, "old.snap"), filepath.Join(dir, "new.snap"), 10)
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(stream.Len()))
			for b.Loop() {
				if err := bench.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func readRecords(r io.Reader) error {
	rr, err := fsm.NewRecordReader(r)
	for err == nil {
		_, err = rr.Next()
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// keepState archives a state in a file.
func keepState(b *testing.B, l *fsmtest.Lab, name string) *fsm.State {
	if err := os.WriteFile(name, []byte(archiveOf(b, l.State())), 0o600); err != nil {
		b.Fatal(err)
	}
	return l.State()
}
