package snapshot_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/snapshot"
)

// part is a member of a tar in the making.
type part struct {
	head    tar.Header
	content []byte
}

func member(name, content string) *part {
	return &part{tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o600, Format: tar.FormatUSTAR}, []byte(content)}
}

const metaLine = `{"format":1,"level":1,"cluster":"0101010101010101010101010101010101010101010101010101010101010101","index":42,"epoch":0,"serial":7,"time":"2026-11-25T12:00:00Z","seal_key":"k1","state_bytes":5,"state_hash":"0000000000000000000000000000000000000000000000000000000000000007"}` + "\n"

// parts are the members of a good archive, with sums that fit meta and state.
func parts(meta, state string) []*part {
	sums := fmt.Sprintf("%x  meta.json\n%x  state.bin\n", sha256.Sum256([]byte(meta)), sha256.Sum256([]byte(state)))
	return []*part{member("meta.json", meta), member("state.bin", state), member("SHA256SUMS", sums), member("SHA256SUMS.sealed", "sealed")}
}

func tarOf(t testing.TB, list ...*part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, p := range list {
		h := p.head
		if err := w.WriteHeader(&h); err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
		if _, err := w.Write(p.content[:min(len(p.content), int(h.Size))]); err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zip(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(plain)
	w.Close()
	return b.Bytes()
}

// with changes the members of a good archive.
func with(change func(list []*part) []*part) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return zip(tarOf(t, change(parts(metaLine, "state"))...)) }
}

// described is a good archive but for its description.
func described(old, new string) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		changed := strings.Replace(metaLine, old, new, 1)
		if changed == metaLine {
			t.Fatalf("%s is not in the description", old)
		}
		return zip(tarOf(t, parts(changed, "state")...))
	}
}

// plain changes the bytes of the tar, file those of the file.
func plain(change func([]byte) []byte) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return zip(change(tarOf(t, parts(metaLine, "state")...))) }
}

func file(change func([]byte) []byte) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return change(zip(tarOf(t, parts(metaLine, "state")...))) }
}

// set is plain with some bytes replaced.
func set(at int, text string) func(testing.TB) []byte {
	return plain(func(b []byte) []byte { copy(b[at:], text); return b })
}

func rename(i int, name string) func(testing.TB) []byte {
	return with(func(l []*part) []*part { l[i].head.Name = name; return l })
}

// head changes the header of the member of the state.
func head(change func(*tar.Header)) func(testing.TB) []byte {
	return with(func(l []*part) []*part { change(&l[1].head); return l })
}

var hostile = []struct {
	name   string
	file   func(testing.TB) []byte
	reason snapshot.Reason
	says   string
}{
	{"empty", file(func(b []byte) []byte { return nil }), snapshot.Truncated, "header"},
	{"text", file(func(b []byte) []byte { return []byte("no archive at all, but a text") }), snapshot.NotAnArchive, "gzip"},
	{"a tar without gzip", func(t testing.TB) []byte { return tarOf(t, parts(metaLine, "state")...) }, snapshot.NotAnArchive, "gzip"},
	{"an error page", file(func(b []byte) []byte { return []byte(`{"errors":["permission denied"]}`) }), snapshot.NotAnArchive, "gzip"},
	{"gzip of nothing", func(testing.TB) []byte { return zip(nil) }, snapshot.Truncated, "meta.json"},
	{"gzip of noise", func(testing.TB) []byte { return zip(bytes.Repeat([]byte{0xa5}, 5000)) }, snapshot.BadMember, "meta.json"},
	{"gzip of zeros", func(testing.TB) []byte { return zip(make([]byte, 5000)) }, snapshot.BadMember, "meta.json"},
	{"cut in the gzip header", file(func(b []byte) []byte { return b[:5] }), snapshot.Truncated, "header"},
	{"cut in the middle", file(func(b []byte) []byte { return b[:len(b)/2] }), snapshot.Truncated, ""},
	{"cut before the checksum", file(func(b []byte) []byte { return b[:len(b)-8] }), snapshot.Truncated, ""},
	{"cut by a byte", file(func(b []byte) []byte { return b[:len(b)-1] }), snapshot.Truncated, ""},
	{"checksum of gzip", file(func(b []byte) []byte { b[len(b)-8] ^= 1; return b }), snapshot.BadSum, "compression"},
	{"length of gzip", file(func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), snapshot.BadSum, "compression"},
	{"two in one file", file(func(b []byte) []byte { return append(b, b...) }), snapshot.Trailing, "follows"},
	{"a byte behind", file(func(b []byte) []byte { return append(b, 0) }), snapshot.Trailing, "follows"},
	{"a second gzip member of nothing", file(func(b []byte) []byte { return append(b, zip(nil)...) }), snapshot.Trailing, "follows"},
	{"gzip with a name", func(t testing.TB) []byte { return named(tarOf(t, parts(metaLine, "state")...)) }, snapshot.NotAnArchive, "name"},

	{"cut in a header", plain(func(b []byte) []byte { return b[:100] }), snapshot.Truncated, "meta.json"},
	{"cut in the description", plain(func(b []byte) []byte { return b[:600] }), snapshot.Truncated, "meta.json"},
	{"cut in the state", plain(func(b []byte) []byte { return b[:512*3+2] }), snapshot.Truncated, "state.bin"},
	{"cut before the sums", plain(func(b []byte) []byte { return b[:512*4] }), snapshot.Truncated, "SHA256SUMS"},
	{"cut before the seal", plain(func(b []byte) []byte { return b[:512*6] }), snapshot.Truncated, "SHA256SUMS.sealed"},
	{"without an end", plain(func(b []byte) []byte { return b[:len(b)-1024] }), snapshot.Truncated, ""},
	{"half an end", plain(func(b []byte) []byte { return b[:len(b)-512] }), snapshot.Truncated, ""},
	{"a longer end", plain(func(b []byte) []byte { return append(b, make([]byte, 512)...) }), snapshot.BadMember, "last member"},
	{"padding with something", set(512*3+100, "x"), snapshot.BadMember, "zeros"},
	{"an end with something", plain(func(b []byte) []byte { b[len(b)-1] = 1; return b }), snapshot.BadMember, "zeros"},

	{"no members", with(func(l []*part) []*part { return nil }), snapshot.BadMember, "meta.json"},
	{"without description", with(func(l []*part) []*part { return l[1:] }), snapshot.BadMember, `"state.bin" is there`},
	{"without state", with(func(l []*part) []*part { return append(l[:1], l[2:]...) }), snapshot.BadMember, `"SHA256SUMS" is there`},
	{"without sums", with(func(l []*part) []*part { return append(l[:2], l[3]) }), snapshot.BadMember, `"SHA256SUMS.sealed" is there`},
	{"without seal", with(func(l []*part) []*part { return l[:3] }), snapshot.BadMember, "SHA256SUMS.sealed"},
	{"twice the state", with(func(l []*part) []*part { return append(l[:2:2], l[1:]...) }), snapshot.BadMember, "state.bin"},
	{"one more", with(func(l []*part) []*part { return append(l, member("extra", "x")) }), snapshot.BadMember, "zeros"},
	{"another order", with(func(l []*part) []*part { l[0], l[1] = l[1], l[0]; return l }), snapshot.BadMember, "meta.json"},
	{"sums first", with(func(l []*part) []*part { return []*part{l[2], l[0], l[1], l[3]} }), snapshot.BadMember, "meta.json"},
	{"an empty seal", with(func(l []*part) []*part { l[3] = member("SHA256SUMS.sealed", ""); return l }), snapshot.BadMember, "empty"},
	{"a large seal", with(func(l []*part) []*part { l[3] = member("SHA256SUMS.sealed", strings.Repeat("x", 4097)); return l }), snapshot.TooLarge, "4097"},
	{"large sums", with(func(l []*part) []*part { l[2] = member("SHA256SUMS", strings.Repeat("x", 70_000)); return l }), snapshot.TooLarge, "70000"},
	{"a large description", with(func(l []*part) []*part { l[0] = member("meta.json", strings.Repeat(" ", 70_000)); return l }), snapshot.TooLarge, "70000"},

	{"a path upwards", rename(1, "../state.bin"), snapshot.BadMember, `"../state.bin"`},
	{"an absolute path", rename(1, "/etc/passwd"), snapshot.BadMember, `"/etc/passwd"`},
	{"a path with a dot", rename(0, "./meta.json"), snapshot.BadMember, `"./meta.json"`},
	{"in upper case", rename(0, "META.JSON"), snapshot.BadMember, `"META.JSON"`},
	{"a link", head(func(h *tar.Header) { h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, "/etc/shadow", 0 }), snapshot.BadMember, "header"},
	{"a hard link", head(func(h *tar.Header) { h.Typeflag, h.Linkname, h.Size = tar.TypeLink, "meta.json", 0 }), snapshot.BadMember, "header"},
	{"a folder", head(func(h *tar.Header) { h.Typeflag, h.Size = tar.TypeDir, 0 }), snapshot.BadMember, "header"},
	{"a device", head(func(h *tar.Header) { h.Typeflag, h.Size = tar.TypeBlock, 0 }), snapshot.BadMember, "header"},
	{"an extended header", head(func(h *tar.Header) { h.Format, h.PAXRecords = tar.FormatPAX, map[string]string{"path": "state.bin"} }), snapshot.BadMember, ""},
	{"the format of GNU", head(func(h *tar.Header) { h.Format = tar.FormatGNU }), snapshot.BadMember, "header"},
	{"executable", head(func(h *tar.Header) { h.Mode = 0o4755 }), snapshot.BadMember, "header"},
	{"somebody's", head(func(h *tar.Header) { h.Uid, h.Uname = 1000, "mallory" }), snapshot.BadMember, "header"},
	{"with a time", head(func(h *tar.Header) { h.ModTime = h.ModTime.AddDate(2025, 0, 0) }), snapshot.BadMember, "header"},
	{"checksum of a header", set(512*2+149, "7777"), snapshot.BadMember, "header"},
	{"size in base 256", set(512*2+124, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05"), snapshot.BadMember, "state.bin"},
	{"negative size", set(512*2+124, "-0000000005\x00"), snapshot.BadMember, "state.bin"},
	{"size that lies", func(t testing.TB) []byte { return zip(lying(t, 6)) }, snapshot.BadMember, "meta.json says 5"},
	{"size of a bomb", func(t testing.TB) []byte { return zip(lying(t, 8<<30-1)) }, snapshot.TooLarge, "at most"},

	{"a newer format", described(`"format":1`, `"format":2,"more":true`), snapshot.NewerFormat, "format is 2"},
	{"format zero", described(`"format":1`, `"format":0`), snapshot.BadMeta, "format is 0"},
	{"format as text", described(`"format":1`, `"format":"1"`), snapshot.BadMeta, ""},
	{"no JSON", described(`{`, ``), snapshot.BadMeta, "JSON"},
	{"a field too many", described(`"level":1`, `"level":1,"more":1`), snapshot.BadMeta, "more"},
	{"a field twice", described(`"level":1`, `"level":1,"level":1`), snapshot.BadMeta, "form"},
	{"a field less", described(`"level":1,`, ``), snapshot.BadMeta, "form"},
	{"fields in upper case", described(`"level"`, `"Level"`), snapshot.BadMeta, "form"},
	{"with spaces", described(`,"level"`, `, "level"`), snapshot.BadMeta, "form"},
	{"negative index", described(`42`, `-42`), snapshot.BadMeta, "index"},
	{"time of nowhere", described(`12:00:00Z`, `12:00:00+01:00`), snapshot.BadMeta, "time"},
	{"cluster in upper case", described(`"cluster":"01`, `"cluster":"0A`), snapshot.BadMeta, "cluster"},
	{"half a hash", described(`0000007"`, `07"`), snapshot.BadMeta, "state_hash"},
	{"state bytes that lie", described(`"state_bytes":5`, `"state_bytes":4`), snapshot.BadMember, "meta.json says 4"},

	{"another state", set(512*3, "STATE"), snapshot.BadSum, "SHA256SUMS"},
	{"another description", with(func(l []*part) []*part { l[0].content = []byte(strings.Replace(metaLine, "42", "43", 1)); return l }), snapshot.BadSum, "SHA256SUMS"},
	{"sums in upper case", with(func(l []*part) []*part { l[2].content = bytes.ToUpper(l[2].content); return l }), snapshot.BadSum, "SHA256SUMS"},
	{"sums without a line feed", with(func(l []*part) []*part { l[2].head.Size--; return l }), snapshot.BadSum, "SHA256SUMS"},
}

// named is gzip with a file name in its header.
func named(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = "state"
	w.Write(plain)
	w.Close()
	return b.Bytes()
}

// lying is a good tar but for the size that the header of the state claims.
func lying(t testing.TB, size int64) []byte {
	t.Helper()
	good := tarOf(t, parts(metaLine, "state")...)
	var b bytes.Buffer
	h := member("state.bin", "state").head
	h.Size = size
	if err := tar.NewWriter(&b).WriteHeader(&h); err != nil {
		t.Fatal(err)
	}
	copy(good[512*2:], b.Bytes())
	return good
}

// Whatever is not an archive is refused with its reason, and the state is not
// asked for when the description is wrong.
func TestHostileArchives(t *testing.T) {
	if len(hostile) < 40 {
		t.Fatalf("%d archives", len(hostile))
	}
	for _, tt := range hostile {
		_, err := snapshot.Read(bytes.NewReader(tt.file(t)), 1<<20, ignore)
		var no *snapshot.Error
		if !errors.As(err, &no) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if no.Reason != tt.reason || !strings.Contains(no.Detail, tt.says) {
			t.Errorf("%s: refused with %v, want %s and %q", tt.name, no, tt.reason, tt.says)
		}
	}
	if _, err := snapshot.Read(bytes.NewReader(zip(tarOf(t, parts(metaLine, "state")...))), 1<<20, ignore); err != nil {
		t.Errorf("the archive that all of them are made from is refused: %v", err)
	}
}

// A bomb is refused by what it claims, before a byte of it is unpacked.
func TestBomb(t *testing.T) {
	asked := false
	_, err := snapshot.Read(bytes.NewReader(zip(lying(t, 8<<30-1))), 1<<20, func(snapshot.Meta, io.Reader) error {
		asked = true
		return nil
	})
	var no *snapshot.Error
	if !errors.As(err, &no) || no.Reason != snapshot.TooLarge || asked {
		t.Errorf("refused with %v, asked %v", err, asked)
	}
}
