package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/snapshot"
	"github.com/jeton-io/jeton/snapshot/store"
)

type content string

func (c content) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, string(c))
	return int64(n), err
}

// archive writes a good archive of a state.
func archive(state string) func(io.Writer) error {
	return func(w io.Writer) error {
		m := snapshot.Meta{Level: 1, Cluster: strings.Repeat("01", 32), Index: 42, SealKey: "k1", StateHash: strings.Repeat("0", 64)}
		return snapshot.Write(w, m, content(state), func([]byte) ([]byte, error) { return []byte("sealed"), nil })
	}
}

// noise does not shrink when it is packed.
func noise(n int) string {
	b := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return string(b)
}

func TestNames(t *testing.T) {
	n := store.Name{At: 1764158400, Index: 4711}
	if got := n.File("jeton-1"); got != "jeton-1-1764158400-4711.snap" {
		t.Errorf("called %s", got)
	}
	for file, want := range map[string]bool{
		"a-1-2.snap": true, "a-0-0.snap": true, "a-9223372036854775807-18446744073709551615.snap": true,
		"": false, "a": false, "a-1.snap": false, "a-1-2": false, "a-1-2.snap.gz": false, "b-1-2.snap": false,
		"a-01-2.snap": false, "a-1-+2.snap": false, "a--1-2.snap": false, "a-1-2-3.snap": false, "A-1-2.snap": false,
		"a-1- 2.snap": false, "a-9223372036854775808-1.snap": false, ".a-1.partial": false, "a-b-1-2.snap": false,
	} {
		if n, ok := store.ParseName("a", file); ok != want || ok && n.File("a") != file {
			t.Errorf("%q is taken: %v", file, ok)
		}
	}
}

func TestSpent(t *testing.T) {
	var names []store.Name
	for _, at := range []int64{300, 100, 500, 200, 400} {
		names = append(names, store.Name{At: at, Index: uint64(at)})
	}
	tests := []struct {
		retain int
		age    time.Duration
		want   string
	}{
		{9, 0, "[]"},
		{5, 0, "[]"},
		{2, 0, "[300 200 100]"},
		{1, 0, "[400 300 200 100]"},
		{0, 0, "[400 300 200 100]"},
		{9, 200 * time.Second, "[200 100]"},
		{2, 400 * time.Second, "[300 200 100]"},
		{9, time.Second, "[400 300 200 100]"},
	}
	for _, tt := range tests {
		got := []int64{}
		for _, n := range store.Spent(names, tt.retain, tt.age) {
			got = append(got, n.At)
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("keep %d for %s: %v, want %s", tt.retain, tt.age, got, tt.want)
		}
	}
	if got := store.Spent(nil, 1, 0); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// list is what is in a directory.
func list(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func put(t *testing.T, d *store.Dir, at int64) string {
	t.Helper()
	name := store.Name{At: at, Index: 7}.File(d.Prefix)
	n, err := d.Put(t.Context(), name, archive("state"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(d.Folder, name)); err != nil || info.Size() != n || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v, want %d bytes with mode 0600", info, err, n)
	}
	return name
}

func TestDirKeepsOnlyItsOwn(t *testing.T) {
	d := &store.Dir{Folder: t.TempDir(), Prefix: "a"}
	foreign := []string{"a-1-2.snap.bak", "a-b-1-2.snap", "b-1-2.snap", "notes.txt", ".a-x.partial", ".a-1-2.partial"}
	for _, name := range append(foreign, ".a-123.partial") {
		if err := os.WriteFile(filepath.Join(d.Folder, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(d.Folder, "a-5-5.snap"), 0o755); err != nil {
		t.Fatal(err)
	}
	for at := range int64(4) {
		put(t, d, 100+at)
	}
	if n, err := store.Rotate(t.Context(), d, "a", 2, 0); n != 2 || err != nil {
		t.Fatalf("%d removed, %v", n, err)
	}
	want := append(slices.Clone(foreign), "a-102-7.snap", "a-103-7.snap", "a-5-5.snap")
	slices.Sort(want)
	if got := list(t, d.Folder); !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	if err := d.Delete(t.Context(), "a-1-1.snap"); err != nil {
		t.Errorf("what is not there: %v", err)
	}
}

// wantNothing wants a failed attempt to have left a directory as it was.
func wantNothing(t *testing.T, d *store.Dir, err error, want store.Problem) {
	t.Helper()
	if err == nil || store.ProblemOf(err) != want {
		t.Errorf("%v of kind %d, want %d", err, store.ProblemOf(err), want)
	}
	if files := list(t, d.Folder); len(files) > 0 {
		t.Errorf("there are %q", files)
	}
}

func TestDirFails(t *testing.T) {
	errBroken := errors.New("broken")
	d := &store.Dir{Folder: t.TempDir(), Prefix: "a"}
	_, err := d.Put(t.Context(), "a-1-1.snap", func(w io.Writer) error { io.WriteString(w, "half"); return errBroken })
	wantNothing(t, d, err, store.Other)
	if !errors.Is(err, errBroken) {
		t.Errorf("%v, want what broke", err)
	}
	_, err = d.Put(t.Context(), "a-1-1.snap", func(w io.Writer) error {
		if err := archive("state")(w); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(d.Folder, list(t, d.Folder)[0]), []byte("altered"), 0o600)
	})
	wantNothing(t, d, err, store.Damaged)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = d.Put(ctx, "a-1-1.snap", func(w io.Writer) error { cancel(); return archive("state")(w) })
	wantNothing(t, d, err, store.Other)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was given up", err)
	}
	for folder, want := range map[string]store.Problem{
		filepath.Join(d.Folder, "none"): store.NoPlace, "/dev/null": store.NoPlace,
	} {
		gone := &store.Dir{Folder: folder, Prefix: "a"}
		if _, err := gone.Put(t.Context(), "a-1-1.snap", archive("")); store.ProblemOf(err) != want {
			t.Errorf("%s: %v", folder, err)
		}
		if _, err := gone.List(t.Context()); store.ProblemOf(err) != want {
			t.Errorf("listing %s: %v", folder, err)
		}
	}
}

// A name that cannot be taken leaves nothing beside it.
func TestDirNameIsTaken(t *testing.T) {
	d := &store.Dir{Folder: t.TempDir(), Prefix: "a"}
	if err := os.MkdirAll(filepath.Join(d.Folder, "a-1-1.snap", "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), "a-1-1.snap", archive("")); err == nil {
		t.Error("a directory was replaced")
	}
	if got := list(t, d.Folder); len(got) != 1 {
		t.Errorf("there are %q", got)
	}
}

func TestDirMaxSpace(t *testing.T) {
	d := &store.Dir{Folder: t.TempDir(), Prefix: "a"}
	state := noise(20_000)
	_, err := (&store.Dir{Folder: d.Folder, Prefix: "a", MaxSpace: 10_000}).Put(t.Context(), "a-1-1.snap", archive(state))
	wantNothing(t, d, err, store.SpaceUsed)
	put(t, d, 1)
	for _, most := range []uint64{1, 15_000} {
		d.MaxSpace = most
		if _, err := d.Put(t.Context(), "a-2-2.snap", archive(state)); store.ProblemOf(err) != store.SpaceUsed {
			t.Errorf("%d bytes: %v", most, err)
		}
	}
	d.MaxSpace = 30_000
	if _, err := d.Put(t.Context(), "a-2-2.snap", archive(state)); err != nil {
		t.Error(err)
	}
	if got := strings.Join(list(t, d.Folder), " "); got != "a-1-7.snap a-2-2.snap" {
		t.Errorf("there are %s", got)
	}
}
