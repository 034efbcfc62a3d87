package fsm

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

// everything has a field of each form.
type everything struct {
	u    uint64
	i    int64
	u32  uint32
	b    bool
	d    time.Duration
	dig  Digest
	some []byte
	s    string
	list []string
	addr netip.Addr
	pre  netip.Prefix
}

func (e *everything) fields(c *coder) {
	c.u64(&e.u)
	c.i64(&e.i)
	c.u32(&e.u32)
	c.bool(&e.b)
	c.duration(&e.d)
	c.optionalDigest(&e.dig)
	c.bytes(&e.some, 8)
	c.string(&e.s, 8)
	c.strings(&e.list, 2, 4)
	c.addr(&e.addr)
	c.prefix(&e.pre)
}

func TestCoderRoundTrip(t *testing.T) {
	for _, u := range []uint64{0, 1, 127, 128, 1 << 32, 1<<64 - 1} {
		in := everything{
			u: u, i: -int64(u / 2), u32: uint32(u), b: u%2 == 1, d: time.Duration(u), dig: Digest{byte(u)},
			some: []byte{1}, s: "text", list: []string{"", "ab"},
			addr: netip.MustParseAddr("2001:db8::1"), pre: netip.MustParsePrefix("10.0.0.0/8"),
		}
		var out everything
		if err := decode(encode(&in), &out); err != nil {
			t.Fatal(err)
		}
		if string(encode(&out)) != string(encode(&in)) || out.i != in.i || out.pre != in.pre || out.addr != in.addr {
			t.Fatalf("%+v came back as %+v", in, out)
		}
	}
}

func TestCoderIsStrict(t *testing.T) {
	one := func(f func(*coder)) coded { return field(f) }
	var u uint64
	var u32 uint32
	var b bool
	var d Digest
	var some []byte
	var list []string
	var addr netip.Addr
	var pre netip.Prefix
	tests := []struct {
		name string
		in   []byte
		into coded
		want error // nil: any
	}{
		{"padded varint", []byte{0x81, 0x00}, one(func(c *coder) { c.u64(&u) }), errNotCanonical},
		{"varint of more than 64 bits", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, one(func(c *coder) { c.u64(&u) }), errNotCanonical},
		{"varint cut short", []byte{0x80}, one(func(c *coder) { c.u64(&u) }), errTruncated},
		{"number of more than 32 bits", []byte{0x80, 0x80, 0x80, 0x80, 0x10}, one(func(c *coder) { c.u32(&u32) }), errNotCanonical},
		{"boolean of 2", []byte{2}, one(func(c *coder) { c.bool(&b) }), errNotCanonical},
		{"zero digest spelled out", append([]byte{1}, make([]byte, 32)...), one(func(c *coder) { c.optionalDigest(&d) }), errNotCanonical},
		{"digest cut short", make([]byte, 31), one(func(c *coder) { c.digest(&d) }), errTruncated},
		{"bytes past their limit", []byte{9, 1, 2, 3, 4, 5, 6, 7, 8, 9}, one(func(c *coder) { c.bytes(&some, 8) }), nil},
		{"bytes that are not there", []byte{8, 1}, one(func(c *coder) { c.bytes(&some, 8) }), errTruncated},
		{"too many elements", []byte{3, 0, 0, 0}, one(func(c *coder) { c.strings(&list, 2, 4) }), nil},
		{"elements that are not there", []byte{2, 0}, one(func(c *coder) { c.strings(&list, 2, 4) }), errTruncated},
		{"address of five bytes", []byte{5, 1, 2, 3, 4, 5}, one(func(c *coder) { c.addr(&addr) }), errNotCanonical},
		{"IPv4 in IPv6", append([]byte{16}, netip.MustParseAddr("::ffff:10.0.0.1").AsSlice()...), one(func(c *coder) { c.addr(&addr) }), errNotCanonical},
		{"unmasked range", []byte{4, 10, 0, 0, 1, 8}, one(func(c *coder) { c.prefix(&pre) }), errNotCanonical},
		{"range of 33 bits", []byte{4, 10, 0, 0, 0, 33}, one(func(c *coder) { c.prefix(&pre) }), errNotCanonical},
		{"bytes after the end", []byte{1, 2}, one(func(c *coder) { c.u64(&u) }), errTrailing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := decode(tt.in, tt.into)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
		})
	}
}

type field func(*coder)

func (f field) fields(c *coder) { f(c) }

func TestInstant(t *testing.T) {
	if got := Never.Add(time.Hour); got != Never {
		t.Errorf("Never and an hour is %d", got)
	}
	if got := (Never - 1).Add(time.Hour); got != Never {
		t.Errorf("wraps to %d", got)
	}
	if got := Instant(time.Hour).Add(-time.Minute); got != Instant(59*time.Minute) {
		t.Errorf("an hour less a minute is %d", got)
	}
	if got := minute(Instant(61 * time.Second)); got != Instant(time.Minute) {
		t.Errorf("minute %d", got)
	}
}
