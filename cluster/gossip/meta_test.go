package gossip

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/memberlist"
)

func metaOf(id string) Meta {
	return Meta{
		ServerID:    id + "-00112233",
		NodeID:      id,
		HTTPAddr:    "127.0.0.1:8200",
		ClusterAddr: "127.0.0.1:8201",
		Voter:       true,
	}
}

// TestRecordExample pins the encoding.
func TestRecordExample(t *testing.T) {
	r := record{start: 0x0102030405060708, Meta: Meta{
		ServerID: "n-1", NodeID: "n", HTTPAddr: "h:1", ClusterAddr: "c:2", ClusterID: "id", Voter: true, HasState: true,
	}}
	const want = "01" + "03" + "0102030405060708" + "036e2d31" + "016e" + "03683a31" + "03633a32" + "026964"
	if got := hex.EncodeToString(r.encode()); got != want {
		t.Fatalf("encoded %s, want %s", got, want)
	}
	got, err := decode(r.encode())
	if err != nil || got != r {
		t.Fatalf("decoded %+v, %v", got, err)
	}
}

func TestLargestRecordFits(t *testing.T) {
	m := Meta{
		ServerID: strings.Repeat("s", maxServerID), NodeID: strings.Repeat("n", maxNodeID),
		HTTPAddr: strings.Repeat("h", maxAddr), ClusterAddr: strings.Repeat("c", maxAddr),
		ClusterID: strings.Repeat("i", maxClusterID),
	}
	if err := m.validate(); err != nil {
		t.Fatal(err)
	}
	if n := len(record{Meta: m, start: 1}.encode()); n > memberlist.MetaMaxSize {
		t.Fatalf("%d bytes, memberlist carries %d", n, memberlist.MetaMaxSize)
	}
}

func TestRecordRefused(t *testing.T) {
	good := record{Meta: metaOf("a"), start: 1}.encode()
	change := func(at int, b byte) []byte {
		out := bytes.Clone(good)
		out[at] = b
		return out
	}
	for _, tt := range []struct {
		name string
		in   []byte
	}{
		{"nothing", nil},
		{"version 0", change(0, 0)},
		{"version 2", change(0, 2)},
		{"unknown flag", change(1, 4)},
		{"start stamp 0", change(9, 0)},
		{"empty server id", change(10, 0)},
		{"server id beyond the end", change(10, 255)},
		{"control character", change(11, '\n')},
		{"not UTF-8", change(11, 0xff)},
		{"byte after the end", append(bytes.Clone(good), 0)},
	} {
		if _, err := decode(tt.in); !errors.Is(err, errMeta) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for n := range good {
		if _, err := decode(good[:n]); !errors.Is(err, errMeta) {
			t.Errorf("%d of %d bytes: %v", n, len(good), err)
		}
	}
}

func TestMetaValidate(t *testing.T) {
	for _, change := range []func(*Meta){
		func(m *Meta) { m.ServerID = "" },
		func(m *Meta) { m.ServerID = strings.Repeat("x", maxServerID+1) },
		func(m *Meta) { m.NodeID = "" },
		func(m *Meta) { m.NodeID = "a\nb" },
		func(m *Meta) { m.HTTPAddr = strings.Repeat("x", maxAddr+1) },
		func(m *Meta) { m.ClusterAddr = "" },
		func(m *Meta) { m.ClusterID = "\xff" },
	} {
		m := metaOf("a")
		change(&m)
		if err := m.validate(); !errors.Is(err, errMeta) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// FuzzRecord: what decodes must encode to the same bytes and fit memberlist.
func FuzzRecord(f *testing.F) {
	f.Add(record{Meta: metaOf("a"), start: 1}.encode())
	f.Add(record{Meta: Meta{ServerID: "s", NodeID: "n", ClusterAddr: "c"}, start: 1 << 63}.encode())
	f.Add([]byte{1, 3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 'a', 1, 'b', 0, 1, 'c', 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := decode(in)
		if err != nil {
			return
		}
		if out := r.encode(); !bytes.Equal(in, out) || len(out) > memberlist.MetaMaxSize {
			t.Fatalf("two spellings: read %x, wrote %x", in, out)
		}
		if err := r.validate(); err != nil {
			t.Fatal(err)
		}
	})
}
