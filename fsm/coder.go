package fsm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// coder writes or reads the one canonical form of commands, results and
// records. A type describes itself once, in a method fields(*coder) that visits
// its fields in order through pointers; the same description encodes and
// decodes, so the two can not drift apart.
//
// Form: unsigned integers as minimal varints, signed ones zigzag, byte strings
// with their length before them, booleans as 0 or 1, lists with their count
// before them. Decoding is strict: any other spelling of a value is an error,
// as is a length beyond its limit. The first error sticks.
type coder struct {
	buf      []byte // output when encoding, what is left of the input when decoding
	decoding bool
	err      error
	sharing  *sharing // of terms, when decoding; nil: none
}

var (
	errTruncated    = errors.New("input ends early")
	errNotCanonical = errors.New("value is not in canonical form")
	errTrailing     = errors.New("bytes after the end")
)

type coded interface{ fields(*coder) }

func encode(v coded) []byte { return appendCoded(nil, v) }

func appendCoded(dst []byte, v coded) []byte {
	c := coder{buf: dst}
	v.fields(&c)
	if c.err != nil {
		// Only a value that breaks its own limits gets here; Validate comes first.
		panic(fmt.Sprintf("fsm: encode %T: %v", v, c.err))
	}
	return c.buf
}

// decode fills v from b and wants all of b used.
func decode(b []byte, v coded) error {
	c := coder{buf: b, decoding: true}
	v.fields(&c)
	return c.end()
}

func (c *coder) end() error {
	if c.err == nil && len(c.buf) > 0 {
		c.err = errTrailing
	}
	return c.err
}

func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	if c.decoding {
		c.buf = nil
	}
}

func (c *coder) u64(v *uint64) {
	if !c.decoding {
		c.buf = binary.AppendUvarint(c.buf, *v)
		return
	}
	x, n := binary.Uvarint(c.buf)
	switch {
	case c.err != nil:
		return
	case n == 0:
		c.fail(errTruncated)
	case n < 0 || n > 1 && c.buf[n-1] == 0: // overflow, or a padded varint
		c.fail(errNotCanonical)
	default:
		*v, c.buf = x, c.buf[n:]
	}
}

func (c *coder) i64(v *int64) {
	u := uint64(*v)<<1 ^ uint64(*v>>63)
	c.u64(&u)
	if c.decoding {
		*v = int64(u>>1) ^ -int64(u&1)
	}
}

func (c *coder) u32(v *uint32) {
	u := uint64(*v)
	c.u64(&u)
	if u > 1<<32-1 {
		c.fail(errNotCanonical)
		return
	}
	if c.decoding { // what is encoded may be a record that others read
		*v = uint32(u)
	}
}

func (c *coder) u8(v *uint8) {
	if !c.decoding {
		c.buf = append(c.buf, *v)
		return
	}
	if len(c.buf) == 0 {
		c.fail(errTruncated)
		return
	}
	*v, c.buf = c.buf[0], c.buf[1:]
}

func (c *coder) bool(v *bool) {
	var b uint8
	if *v {
		b = 1
	}
	c.u8(&b)
	if b > 1 {
		c.fail(errNotCanonical)
	}
	if c.decoding {
		*v = b == 1
	}
}

func (c *coder) duration(v *time.Duration) { c.i64((*int64)(v)) }
func (c *coder) instant(v *Instant)        { c.i64((*int64)(v)) }

// raw is a field of fixed length.
func (c *coder) raw(v []byte) {
	if !c.decoding {
		c.buf = append(c.buf, v...)
		return
	}
	if len(c.buf) < len(v) {
		c.fail(errTruncated)
		return
	}
	c.buf = c.buf[copy(v, c.buf):]
}

func (c *coder) digest(v *Digest) { c.raw(v[:]) }

// optionalDigest spells the zero Digest as a single 0.
func (c *coder) optionalDigest(v *Digest) {
	there := !v.IsZero()
	c.bool(&there)
	if there {
		c.digest(v)
		if v.IsZero() {
			c.fail(errNotCanonical)
		}
	}
}

// span takes or gives a byte string of at most max bytes, without copying it.
func (c *coder) span(v []byte, max int) []byte {
	n := uint64(len(v))
	c.u64(&n)
	if c.err != nil {
		return nil
	}
	if n > uint64(max) {
		c.fail(fmt.Errorf("length %d above %d", n, max))
		return nil
	}
	if !c.decoding {
		c.buf = append(c.buf, v...)
		return v
	}
	if uint64(len(c.buf)) < n {
		c.fail(errTruncated)
		return nil
	}
	v, c.buf = c.buf[:n:n], c.buf[n:]
	return v
}

// accessor is a string of one length.
func (c *coder) accessor(v *accessorKey) {
	if b := c.span(v[:], AccessorBytes); c.decoding && copy(v[:], b) < len(v) {
		c.fail(errNotCanonical)
	}
}

func (c *coder) bytes(v *[]byte, max int) {
	b := c.span(*v, max)
	if c.decoding {
		*v = append([]byte(nil), b...) // nil when empty
	}
}

func (c *coder) string(v *string, max int) {
	if !c.decoding {
		n := uint64(len(*v))
		c.u64(&n)
		if len(*v) > max {
			c.fail(fmt.Errorf("length %d above %d", n, max))
		}
		c.buf = append(c.buf, *v...)
		return
	}
	*v = string(c.span(nil, max))
}

// list visits each element of a list of at most max. Decoding grows the slice
// as elements arrive, so a lying count costs nothing.
func list[T any](c *coder, v *[]T, max int, each func(*coder, *T)) {
	n := uint64(len(*v))
	c.u64(&n)
	if n > uint64(max) {
		c.fail(fmt.Errorf("%d elements, limit %d", n, max))
		return
	}
	if c.decoding {
		*v = nil
	}
	for i := uint64(0); i < n && c.err == nil; i++ {
		if c.decoding {
			var zero T
			*v = append(*v, zero)
		}
		each(c, &(*v)[i])
	}
}

// nested is a part with its length before it, so that it is bounded as a whole.
func (c *coder) nested(max int, tooLong error, part func(*coder)) {
	if !c.decoding {
		inner := coder{}
		part(&inner)
		if inner.err == nil && len(inner.buf) > max {
			inner.err = tooLong
		}
		if inner.err != nil {
			c.fail(inner.err)
		}
		c.span(inner.buf, max)
		return
	}
	inner := coder{buf: c.span(nil, max), decoding: true}
	if c.err != nil {
		return
	}
	part(&inner)
	if err := inner.end(); err != nil {
		c.fail(err)
	}
}

func (c *coder) strings(v *[]string, maxCount, maxLen int) {
	list(c, v, maxCount, func(c *coder, s *string) { c.string(s, maxLen) })
}

// addr is a client address: 0, 4 or 16 bytes. IPv4 in IPv6 is not canonical.
func (c *coder) addr(v *netip.Addr) {
	b := c.span(v.Unmap().AsSlice(), 16)
	if !c.decoding || c.err != nil {
		return
	}
	*v = netip.Addr{}
	if len(b) == 0 {
		return
	}
	a, ok := netip.AddrFromSlice(b)
	if !ok || a != a.Unmap() {
		c.fail(errNotCanonical)
		return
	}
	*v = a
}

func (c *coder) prefix(v *netip.Prefix) {
	a, bits := v.Addr(), uint8(v.Bits())
	c.addr(&a)
	c.u8(&bits)
	if c.decoding && c.err == nil {
		*v = netip.PrefixFrom(a, int(bits))
		if !v.IsValid() || *v != v.Masked() {
			c.fail(errNotCanonical)
		}
	}
}
