package http

import (
	"bytes"
	"fmt"
)

// A strict JSON scanner (RFC 8259) for request bodies. It checks everything and
// builds nothing: a value is a span of the body with its kind, decoded when a
// handler asks for it. Beyond the grammar it refuses invalid UTF-8, unpaired
// surrogates, and what passes maxJSONDepth or maxJSONFields. Of two fields with
// the same name the last one counts, as in Vault, and everywhere: the parameter
// rules of policies see the same one as the endpoint.

// jsonKind is the kind of a JSON value.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonList
	jsonObject
)

func (k jsonKind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// span is one value of a body.
type span struct {
	kind jsonKind
	text []byte // as it stands in the body, quotes and brackets included
}

// jsonField is one field of an object.
type jsonField struct {
	name     []byte // decoded
	repeated bool   // given more than once; this is the last
	span
}

// scanner reads a body from front to back. The first error ends the scan.
type scanner struct {
	data []byte
	at   int
	err  error
}

// scanObject reads a body that consists of one object, or of null or nothing,
// which both stand for an empty one. The fields are appended to fields.
func scanObject(data []byte, fields []jsonField) ([]jsonField, error) {
	s := scanner{data: data}
	s.space()
	if s.at == len(data) {
		return fields, nil
	}
	switch first := s.peek(); first {
	case '{':
		s.object(&fields, 1)
	case 'n':
		s.word("null")
	default:
		if v := s.value(1); s.err == nil {
			s.fail("body is %s, expected an object", v.kind)
		}
	}
	s.space()
	if s.err == nil && s.at < len(data) {
		s.fail("expected nothing after the object")
	}
	return fields, s.err
}

// scanList reads the items of a list that has been scanned before.
func scanList(v span) []span {
	s := scanner{data: v.text}
	var items []span
	s.list(func(item span) { items = append(items, item) }, 1)
	return items
}

// scanFields reads the fields of an object that has been scanned before.
func scanFields(v span) []jsonField {
	s := scanner{data: v.text}
	var fields []jsonField
	s.object(&fields, 1)
	return fields
}

// fail keeps the first error. It names the place and never the content: a body
// holds secrets.
func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = invalid("failed to decode JSON input: at byte %d: %s", s.at, fmt.Sprintf(format, args...))
	}
}

func (s *scanner) peek() byte {
	if s.at < len(s.data) {
		return s.data[s.at]
	}
	return 0
}

func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) take(c byte, after string) bool {
	if s.err != nil {
		return false
	}
	if s.peek() != c || s.at == len(s.data) {
		s.unexpected(fmt.Sprintf("%q after %s", c, after))
		return false
	}
	s.at++
	return true
}

func (s *scanner) unexpected(want string) {
	if s.at >= len(s.data) {
		s.fail("body ends early, expected %s", want)
		return
	}
	s.fail("expected %s", want)
}

// value reads any value.
func (s *scanner) value(depth int) span {
	start := s.at
	var kind jsonKind
	switch c := s.peek(); {
	case c == '"':
		kind = jsonString
		s.text()
	case c == '{':
		kind = jsonObject
		if s.deeper(depth) {
			s.object(nil, depth+1)
		}
	case c == '[':
		kind = jsonList
		if s.deeper(depth) {
			s.list(nil, depth+1)
		}
	case c == '-' || '0' <= c && c <= '9':
		kind = jsonNumber
		s.number()
	case c == 't':
		kind = jsonBool
		s.word("true")
	case c == 'f':
		kind = jsonBool
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.unexpected("a value")
	}
	return span{kind, s.data[start:s.at]}
}

func (s *scanner) deeper(depth int) bool {
	if depth >= maxJSONDepth {
		s.fail("nested deeper than %d", maxJSONDepth)
		return false
	}
	return true
}

// object reads an object and, if fields is not nil, appends its fields.
func (s *scanner) object(fields *[]jsonField, depth int) {
	s.at++ // the brace
	s.space()
	if s.peek() == '}' {
		s.at++
		return
	}
	for n := 1; s.err == nil; n++ {
		if n > maxJSONFields {
			s.fail("more than %d fields in one object", maxJSONFields)
			return
		}
		s.field(fields, depth)
		s.space()
		if s.peek() == '}' {
			s.at++
			return
		}
		s.take(',', "the value, or }")
	}
}

func (s *scanner) field(fields *[]jsonField, depth int) {
	s.space()
	if s.peek() != '"' {
		s.unexpected("a field name in quotes")
		return
	}
	start := s.at
	s.text()
	end := s.at
	s.space()
	s.take(':', "the field name")
	s.space()
	if s.err != nil {
		return
	}
	v := s.value(depth)
	if fields == nil || s.err != nil {
		return
	}
	name := unquote(s.data[start:end])
	for i := range *fields {
		if f := &(*fields)[i]; bytes.Equal(f.name, name) {
			f.span, f.repeated = v, true
			return
		}
	}
	*fields = append(*fields, jsonField{name: name, span: v})
}

// list reads the items of a list.
func (s *scanner) list(each func(span), depth int) {
	s.at++ // the bracket
	s.space()
	if s.peek() == ']' {
		s.at++
		return
	}
	for s.err == nil {
		s.space()
		v := s.value(depth)
		if each != nil {
			each(v)
		}
		s.space()
		if s.peek() == ']' {
			s.at++
			return
		}
		s.take(',', "the item, or ]")
	}
}

func (s *scanner) word(w string) {
	if !bytes.HasPrefix(s.data[s.at:], []byte(w)) {
		s.unexpected("a value")
		return
	}
	s.at += len(w)
}

// number reads a number by the grammar; how big it may be is for its field.
func (s *scanner) number() {
	if s.peek() == '-' {
		s.at++
	}
	if s.peek() == '0' {
		s.at++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.at++
		s.digits()
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		s.digits()
	}
}

func (s *scanner) digits() {
	start := s.at
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.at++
	}
	if s.at == start {
		s.unexpected("a digit")
	}
}
