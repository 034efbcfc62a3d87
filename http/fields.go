package http

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Fields are taken by name, with the coercions of Vault's API: numbers and
// booleans may come as strings and the other way round, durations as seconds or
// with a unit, lists as a single item. null is as good as not given. The first
// field that is not what was expected is kept as the body's error, so that a
// handler takes all its fields and then asks once (decoded).

// take finds a field and marks it as known.
func (b *body) take(name string) (span, bool) {
	for i := range b.fields {
		m := &b.fields[i]
		if string(m.name) == name {
			if i < 64 {
				b.taken |= 1 << i
			}
			return m.span, m.kind != jsonNull
		}
	}
	return span{}, false
}

// has says whether a field was given, be it as null.
func (b *body) has(name string) bool {
	return slices.ContainsFunc(b.fields, func(m jsonField) bool { return string(m.name) == name })
}

func (b *body) fail(name, format string, args ...any) {
	if b.err == nil {
		b.err = invalid("field validation failed: field %q: "+format, append([]any{ourWord(name)}, args...)...)
	}
}

// decoded ends the decoding of a request: it is wrong, or what the endpoint does
// not know in it is worth a warning.
func (c *call) decoded() error {
	if c.body.err != nil {
		return c.body.err
	}
	for i := range c.body.fields {
		if f := &c.body.fields[i]; f.repeated {
			c.warn("Field " + quote(string(f.name)) + " is given more than once; the last one counts")
		}
	}
	if unknown := c.body.unknownFields(); unknown != "" {
		c.warn("Endpoint ignored these unrecognized parameters: [" + unknown + "]")
	}
	return nil
}

// text is a string field.
func (b *body) text(name string) string {
	v, ok := b.take(name)
	if !ok {
		return ""
	}
	s, ok := v.asText()
	if !ok {
		b.fail(name, "is %s, expected a string", v.kind)
	}
	return s
}

// asText coerces a scalar to a string.
func (v span) asText() (string, bool) {
	switch v.kind {
	case jsonString:
		return string(unquote(v.text)), true
	case jsonNumber:
		return string(v.text), true
	case jsonBool:
		if v.text[0] == 't' {
			return "1", true
		}
		return "0", true
	}
	return "", false
}

// flag is a boolean field.
func (b *body) flag(name string, otherwise bool) bool {
	v, ok := b.take(name)
	if !ok {
		return otherwise
	}
	switch v.kind {
	case jsonBool:
		return v.text[0] == 't'
	case jsonNumber:
		return !bytes.Equal(v.text, []byte("0"))
	case jsonString:
		text := unquote(v.text)
		if len(text) == 0 {
			return false
		}
		if f, err := strconv.ParseBool(string(text)); err == nil {
			return f
		}
		b.fail(name, "is the string %s, expected true or false", quote(string(text)))
		return false
	}
	b.fail(name, "is %s, expected true or false", v.kind)
	return false
}

// whole is an integer field from 0 to max.
func (b *body) whole(name string, max int64) int64 {
	v, ok := b.take(name)
	if !ok {
		return 0
	}
	text, ok := v.asText()
	if !ok {
		b.fail(name, "is %s, expected a whole number", v.kind)
		return 0
	}
	if text = strings.TrimSpace(text); text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case isRangeError(err) && text[0] != '-', err == nil && n > max:
		b.fail(name, "is too large, at most %d is allowed", max)
	case isRangeError(err), err == nil && n < 0:
		b.fail(name, "cannot be negative")
	case err != nil:
		b.fail(name, "is %s, expected a whole number", quote(text))
	default:
		return n
	}
	return 0
}

// duration is a field in Vault's forms of a duration.
func (b *body) duration(name string) time.Duration {
	v, ok := b.take(name)
	if !ok {
		return 0
	}
	if v.kind != jsonString && v.kind != jsonNumber {
		b.fail(name, "is %s, expected seconds or a duration such as \"1h\"", v.kind)
		return 0
	}
	text, _ := v.asText()
	d, err := parseDuration(text)
	if err != nil {
		b.fail(name, "%v", err)
	}
	return d
}

// list is a field of strings. A single one stands for itself; nil is not given.
func (b *body) list(name string, maxItems int) []string {
	v, ok := b.take(name)
	if !ok {
		return nil
	}
	if v.kind == jsonString {
		return []string{string(unquote(v.text))}
	}
	if v.kind != jsonList {
		b.fail(name, "is %s, expected a list of strings", v.kind)
		return nil
	}
	items := scanList(v)
	if len(items) > maxItems {
		b.fail(name, "has %d items, at most %d are allowed", len(items), maxItems)
		return nil
	}
	out := make([]string, 0, len(items))
	for i, item := range items {
		s, ok := item.asText()
		if !ok {
			b.fail(name, "item %d is %s, expected a string", i, item.kind)
			return nil
		}
		out = append(out, s)
	}
	return out
}

// commaList is a list that may also come as one string with commas.
func (b *body) commaList(name string, maxItems int) []string {
	items := b.list(name, maxItems)
	if v, ok := b.take(name); !ok || v.kind != jsonString {
		return trimmed(items)
	}
	items = trimmed(strings.Split(items[0], ","))
	if len(items) > maxItems {
		b.fail(name, "has %d items, at most %d are allowed", len(items), maxItems)
		return nil
	}
	return items
}

func trimmed(items []string) []string {
	out := items[:0]
	for _, s := range items {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// pairs is an object of strings, sorted by name.
func (b *body) pairs(name string, maxPairs int) []fsm.MetaPair {
	v, ok := b.take(name)
	if !ok {
		return nil
	}
	return b.pairsIn(name, v, maxPairs)
}

// pairsIn is pairs for the value of a field.
func (b *body) pairsIn(name string, v span, maxPairs int) []fsm.MetaPair {
	if v.kind != jsonObject {
		b.fail(name, "is %s, expected an object of strings", v.kind)
		return nil
	}
	fields := scanFields(v)
	if len(fields) > maxPairs {
		b.fail(name, "has %d entries, at most %d are allowed", len(fields), maxPairs)
		return nil
	}
	out := make([]fsm.MetaPair, 0, len(fields))
	for _, m := range fields {
		s, ok := m.asText()
		if !ok {
			b.fail(name, "entry %s is %s, expected a string", quote(string(m.name)), m.kind)
			return nil
		}
		out = append(out, fsm.MetaPair{Key: string(m.name), Value: s})
	}
	slices.SortFunc(out, func(a, b fsm.MetaPair) int { return strings.Compare(a.Key, b.Key) })
	return out
}
