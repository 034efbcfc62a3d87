package waypoint

import (
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxGroups bounds how deep groups may nest. No message here has any; what a later
// Waypoint might add is skipped.
const maxGroups = 16

// reader goes through the fields of one message. It takes what a decoder of
// protobuf takes: any order, fields given twice, numbers of more bytes than they
// need. A field of an unknown number or another wire type than its own is unknown.
type reader struct {
	rest []byte
	why  string // empty: nothing is wrong

	num    protowire.Number
	typ    protowire.Type
	field  []byte // all of it, with its tag
	bytes  []byte // if typ says so
	varint uint64 // if typ says so
}

const (
	whyCut    = "a field is cut short, or its tag or length is none"
	whyUTF8   = "a string is not UTF-8"
	whyGroups = "groups nest too deep, or do not match"
	whyPairs  = "there are too many pairs of metadata"
)

// next moves to the next field. False: there is none, or something is wrong.
func (r *reader) next() bool {
	if r.why != "" || len(r.rest) == 0 {
		return false
	}
	num, typ, n := protowire.ConsumeTag(r.rest)
	if n < 0 || num > protowire.MaxValidNumber {
		return r.fail(whyCut)
	}
	value := r.rest[n:]
	var m int
	switch typ {
	case protowire.VarintType:
		r.varint, m = protowire.ConsumeVarint(value)
	case protowire.BytesType:
		r.bytes, m = protowire.ConsumeBytes(value)
		r.bytes = slices.Clip(r.bytes) // who keeps it may add to it
	case protowire.StartGroupType:
		if m = skipGroup(num, value); m < 0 {
			return r.fail(whyGroups)
		}
	default:
		m = protowire.ConsumeFieldValue(num, typ, value)
	}
	if m < 0 {
		return r.fail(whyCut)
	}
	r.num, r.typ = num, typ
	r.field, r.rest = r.rest[:n+m], value[m:]
	return true
}

func (r *reader) fail(why string) bool {
	if r.why == "" {
		r.why = why
	}
	return false
}

// skipGroup is the length of a group behind its first tag, with its last; negative
// if there is none.
func skipGroup(num protowire.Number, data []byte) int {
	open := [maxGroups]protowire.Number{num}
	depth, size := 1, 0
	for depth > 0 {
		num, typ, n := protowire.ConsumeTag(data[size:])
		if n < 0 {
			return -1
		}
		size += n
		switch typ {
		case protowire.StartGroupType:
			if depth == maxGroups {
				return -1
			}
			open[depth] = num
			depth++
		case protowire.EndGroupType:
			depth--
			if open[depth] != num {
				return -1
			}
		default:
			if n = protowire.ConsumeFieldValue(num, typ, data[size:]); n < 0 {
				return -1
			}
			size += n
		}
	}
	return size
}

func (r *reader) is(num protowire.Number, typ protowire.Type) bool {
	return r.num == num && r.typ == typ
}

// text is the field as a string.
func (r *reader) text() string {
	if !utf8.Valid(r.bytes) {
		r.fail(whyUTF8)
		return ""
	}
	return string(r.bytes)
}

// message is what a nested message is read into.
type message interface {
	// read adds the fields in data to those that are there: the last of a field
	// wins, nested messages merge. What is wrong comes back, or nothing.
	read(data []byte) (why string)
	append(data []byte) []byte
}

// merge reads the field into a message.
func (r *reader) merge(m message) {
	if why := m.read(r.bytes); why != "" {
		r.fail(why)
	}
}

// keep is the field beside other unknown ones, for writing them again.
func (r *reader) keep(unknown []byte) []byte { return append(unknown, r.field...) }

// The writers leave out what is empty, as proto3 has it.

func appendBytes[B ~string | ~[]byte](data []byte, num protowire.Number, v B) []byte {
	if len(v) == 0 {
		return data
	}
	return appendLengthed(data, num, v)
}

func appendLengthed[B ~string | ~[]byte](data []byte, num protowire.Number, v B) []byte {
	data = protowire.AppendVarint(protowire.AppendTag(data, num, protowire.BytesType), uint64(len(v)))
	return append(data, v...)
}

func appendVarint(data []byte, num protowire.Number, v uint64) []byte {
	if v == 0 {
		return data
	}
	return protowire.AppendVarint(protowire.AppendTag(data, num, protowire.VarintType), v)
}

// appendMessage writes a message even if it is empty: that it is there counts.
func appendMessage(data []byte, num protowire.Number, m message) []byte {
	return appendLengthed(data, num, m.append(nil))
}
