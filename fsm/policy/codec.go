package policy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// formatVersion is the first byte of every encoded policy.
const formatVersion = 1

// ErrFormat is wrapped by every error of Decode.
var ErrFormat = errors.New("malformed policy")

// Append appends the canonical encoding of a policy made by New or Decode:
//
//	policy     = version(1 byte) count rule…
//	rule       = text prefix(1 byte) capabilities(2 bytes, big endian)
//	             minTTL maxTTL parameters(allowed) parameters(denied)
//	             count text…(required)
//	parameters = count { text(name) count text…(values, see Value) }…
//	text       = length bytes
//
// where counts, lengths and TTLs (nanoseconds) are unsigned varints, and every
// list has the order that Policy, Rule and Parameters prescribe.
func Append(dst []byte, p *Policy) []byte {
	dst = append(dst, formatVersion)
	dst = binary.AppendUvarint(dst, uint64(len(p.Rules)))
	for i := range p.Rules {
		dst = appendRule(dst, &p.Rules[i])
	}
	return dst
}

// Decode reads what Append wrote and nothing else: bytes that New would have
// spelled in another way are refused, as is every excess of a bound.
func Decode(b []byte) (*Policy, error) {
	if len(b) > MaxEncodedBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrFormat, len(b), MaxEncodedBytes)
	}
	d := decoder{rest: b}
	if v := d.byte(); d.err == nil && v != formatVersion {
		return nil, fmt.Errorf("%w: version %d, want %d", ErrFormat, v, formatVersion)
	}
	n := d.count(MaxRules)
	rules := make([]Rule, 0, n)
	for i := range n {
		rules = append(rules, d.rule())
		if i > 0 && d.err == nil && compareRules(rules[i-1], rules[i]) >= 0 {
			d.fail("rules out of order") // before any work goes into uniting them
		}
	}
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes after the end", len(d.rest))
	}
	if d.err != nil {
		return nil, d.err
	}
	p, again, err := build(rules)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if !bytes.Equal(b, again) {
		return nil, fmt.Errorf("%w: not in canonical form", ErrFormat)
	}
	return p, nil
}

func appendRule(dst []byte, r *Rule) []byte {
	dst = appendText(dst, r.Path)
	dst = append(dst, boolByte(r.Prefix))
	dst = binary.BigEndian.AppendUint16(dst, uint16(r.Capabilities))
	dst = binary.AppendUvarint(dst, uint64(r.MinWrappingTTL))
	dst = binary.AppendUvarint(dst, uint64(r.MaxWrappingTTL))
	dst = appendParameters(dst, r.Parameters.Allowed)
	dst = appendParameters(dst, r.Parameters.Denied)
	dst = binary.AppendUvarint(dst, uint64(len(r.Parameters.Required)))
	for _, name := range r.Parameters.Required {
		dst = appendText(dst, name)
	}
	return dst
}

func appendParameters(dst []byte, params []Parameter) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(params)))
	for _, p := range params {
		dst = appendText(dst, p.Name)
		dst = binary.AppendUvarint(dst, uint64(len(p.Values)))
		for _, v := range p.Values {
			dst = appendText(dst, string(v))
		}
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// decoder reads fields off the front. After the first error it returns zero
// values. It bounds what it allocates; the form is checked as a whole later.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
	}
	d.rest = nil
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail("truncated")
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.fail("truncated or oversized number")
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// count reads how many elements follow; each takes at least one byte.
func (d *decoder) count(most int) int {
	n := d.uvarint()
	if n > uint64(most) || n > uint64(len(d.rest)) {
		d.fail("%d elements, at most %d", n, min(most, len(d.rest)))
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail("text of %d bytes, %d are left", n, len(d.rest))
		return ""
	}
	s := string(d.rest[:n])
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) duration() time.Duration {
	v := d.uvarint()
	if v > uint64(MaxWrapTTL) {
		d.fail("wrapping TTL of %d ns", v)
		return 0
	}
	return time.Duration(v)
}

func (d *decoder) rule() Rule {
	r := Rule{Path: d.text()}
	r.Prefix = d.byte() == 1
	r.Capabilities = Capability(d.byte())<<8 | Capability(d.byte())
	r.MinWrappingTTL = d.duration()
	r.MaxWrappingTTL = d.duration()
	r.Parameters.Allowed = d.parameters()
	r.Parameters.Denied = d.parameters()
	n := d.count(MaxParameters)
	for range n {
		r.Parameters.Required = append(r.Parameters.Required, d.text())
	}
	return r
}

func (d *decoder) parameters() []Parameter {
	n := d.count(MaxParameters)
	params := make([]Parameter, 0, n)
	for range n {
		p := Parameter{Name: d.text()}
		for range d.count(MaxValues) {
			p.Values = append(p.Values, Value(d.text()))
		}
		params = append(params, p)
	}
	return params
}
