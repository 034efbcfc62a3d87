package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// difference is what is another in a later archive. Nothing in it is a secret, and
// names are those that listings show.
type difference struct {
	Old     snapshot.Meta  `json:"old"`
	New     snapshot.Meta  `json:"new"`
	Notes   []string       `json:"notes"`
	Records []recordChange `json:"records"`
	Tokens  tokenChanges   `json:"tokens"`
	Names   []kindChange   `json:"names"`
}

// recordChange is how many records of a kind there are, and their bytes.
type recordChange struct {
	Name string `json:"name"`
	Old  sizes  `json:"old"`
	New  sizes  `json:"new"`
}

type sizes struct {
	Records int   `json:"records"`
	Bytes   int64 `json:"bytes"`
}

func snapshotDiffCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	files := declareArchives(c, flags, out)
	most := flags.Int("top", 10, "so `many` tokens, policies, paths and names of a kind in each list; 0: all")
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 2, 2); err != nil {
			return err
		}
		if *most < 0 {
			return usagef("-top is %d, expected 0 or more", *most)
		}
		d, err := files.diff(args[0], args[1], *most)
		if err != nil {
			return err
		}
		if out.format == "json" {
			return out.json(d)
		}
		return d.print(c)
	}
}

// diff reads two archives side by side, record by record, so that it needs memory
// for what it tells and not for the states. What is wrong with one of them is known
// at its end at the latest, and before anything is told.
func (a *archives) diff(oldName, newName string, most int) (*difference, error) {
	before, err := a.open(oldName, "reading")
	if err != nil {
		return nil, err
	}
	defer before.Close()
	after, err := a.open(newName, "reading")
	if err != nil {
		return nil, err
	}
	defer after.Close()
	after.progress.done() // both are read alike: one line is enough
	d := &differ{most: most}
	var inner, walked error
	_, err = snapshot.Read(before, snapshot.MaxStateBytes, func(m snapshot.Meta, r io.Reader) error {
		_, inner = snapshot.Read(after, snapshot.MaxStateBytes, func(n snapshot.Meta, s io.Reader) error {
			walked = d.walk(newSide(oldName, m, r), newSide(newName, n, s))
			return walked
		})
		return inner
	})
	switch {
	case err == nil:
		return d.difference(), nil
	case inner == nil || !errors.Is(err, inner):
		return nil, fmt.Errorf("%s: %w", oldName, err)
	case walked == nil || !errors.Is(err, walked):
		return nil, fmt.Errorf("%s: %w", newName, err)
	}
	return nil, err // which names the file
}

// side is one of the two states, and where its stream has come to.
type side struct {
	file   string
	meta   snapshot.Meta
	stream io.Reader
	reader *fsm.RecordReader
	record *fsm.Record // nil: at the end

	clock   fsm.Instant
	waiting int               // tokens that have ended and stand there still
	marks   int               // of revoked prefixes
	mounts  map[uint64]string // their paths, by serial
	roles   map[uint64]string // names of approles, by serial
}

func newSide(file string, m snapshot.Meta, r io.Reader) *side {
	return &side{
		file: file, meta: m, stream: r, clock: fsm.Instant(m.Time.UnixNano()),
		mounts: map[uint64]string{}, roles: map[uint64]string{},
	}
}

// next reads a record and keeps what others are named by.
func (s *side) next() (err error) {
	if s.reader == nil {
		if s.reader, err = fsm.NewRecordReader(s.stream); err != nil {
			return fmt.Errorf("%s: %w", s.file, err)
		}
	}
	s.record, err = s.reader.Next()
	if err == io.EOF {
		err = wantHash(s.meta, s.reader.Hash())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.file, err)
	}
	if s.record != nil {
		s.learn(s.record.Value)
	}
	return nil
}

// differ puts two states side by side.
type differ struct {
	most     int
	old, new *side
	kinds    []recordChange // in the order of the streams
	tokens   tokenDiffer
	names    nameDiffer
}

// related says whether tokens of one state can be those of the other.
func (d *differ) related() bool { return d.old.meta.Cluster == d.new.meta.Cluster }

// walk goes through both streams, which have the same order.
func (d *differ) walk(a, b *side) error {
	d.old, d.new = a, b
	d.tokens = newTokenDiffer(d)
	d.names = newNameDiffer(d)
	if err := errors.Join(a.next(), b.next()); err != nil {
		return err
	}
	for a.record != nil || b.record != nil {
		var was, is *fsm.Record
		switch c := order(a.record, b.record); {
		case c < 0:
			was = a.record
		case c > 0:
			is = b.record
		default:
			was, is = a.record, b.record
		}
		d.count(was, is)
		if !d.tokens.meet(was, is) {
			d.names.meet(was, is)
		}
		if was != nil {
			if err := a.next(); err != nil {
				return err
			}
		}
		if is != nil {
			if err := b.next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// order is that of two streams' next records; a stream at its end comes last.
func order(a, b *fsm.Record) int {
	switch {
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(b)
}

// count adds records to those of their kind, which is the last one so far or new.
func (d *differ) count(was, is *fsm.Record) {
	kind := ""
	for _, r := range []*fsm.Record{was, is} {
		if r != nil {
			kind = r.Kind()
		}
	}
	if n := len(d.kinds); n == 0 || d.kinds[n-1].Name != kind {
		d.kinds = append(d.kinds, recordChange{Name: kind})
	}
	k := &d.kinds[len(d.kinds)-1]
	if was != nil {
		k.Old.Records, k.Old.Bytes = k.Old.Records+1, k.Old.Bytes+int64(was.Bytes)
	}
	if is != nil {
		k.New.Records, k.New.Bytes = k.New.Records+1, k.New.Bytes+int64(is.Bytes)
	}
}

func (d *differ) difference() *difference {
	return &difference{
		Old: d.old.meta, New: d.new.meta, Notes: d.notes(), Records: d.kinds, Tokens: d.tokens.changes(), Names: d.names.changes(),
	}
}

// notes are what has to be known to read the rest right.
func (d *differ) notes() []string {
	notes := []string{}
	note := func(so bool, format string, args ...any) {
		if so {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	m, n := &d.old.meta, &d.new.meta
	note(!d.related(), "the archives are of different clusters: no token of one can be in the other, and what has a name is compared by it, policies by their text, too")
	note(d.related() && m.Epoch != n.Epoch, "the cluster was restored in between: what was made since the state that was restored is gone without a trace")
	note(d.related() && m.Epoch == n.Epoch && m.Index > n.Index, "%s is the later state of the two", d.old.file)
	note(m.StateHash == n.StateHash, "the states are equal")
	note(m.SealKey != n.SealKey, "the archives need different seal keys")
	for _, s := range []*side{d.old, d.new} {
		note(s.waiting > 0, "in %s, %d tokens have ended and wait for being cleared away; their descendants count as alive here, and as dead for snapshot inspect", s.file, s.waiting)
		note(s.marks > 0, "in %s, %d revoked prefixes wait for being cleared away; what they cover counts as alive here, and as dead for snapshot inspect", s.file, s.marks)
	}
	return notes
}
