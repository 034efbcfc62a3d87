package policy

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is a value that a parameter may or may not have: a JSON value in its
// one canonical spelling, so that equal values are equal strings. It is a kind
// byte followed by
//
//	'0' null, 'f' false, 't' true   nothing
//	'n' number                      its canonical decimal, see number
//	's' string                      its bytes
//	'l' list                        each element: length, value
//	'o' object                      each member by name: length, name, length, value
//
// with lengths as unsigned varints.
type Value string

const (
	kindNull   = '0'
	kindFalse  = 'f'
	kindTrue   = 't'
	kindNumber = 'n'
	kindString = 's'
	kindList   = 'l'
	kindObject = 'o'
)

var errValue = errors.New("not a value in canonical form")

// NewValue makes a Value of what encoding/json decodes to (nil, bool, string,
// json.Number, float64, []any, map[string]any), an int, an int64 or a []string.
func NewValue(v any) (Value, error) {
	b, err := appendValue(nil, v, 0)
	if err != nil {
		return "", err
	}
	return Value(b), nil
}

// matches says whether a request's parameter has this value. Strings may start
// or end with * as a wildcard; everything else, also a string inside a list or
// an object, has to be equal.
func (v Value) matches(param any) bool {
	if text, ok := param.(string); ok {
		return v[0] == kindString && globMatch(string(v[1:]), text)
	}
	if v[0] == kindString {
		return false
	}
	b, err := appendValue(make([]byte, 0, len(v)), param, 0)
	return err == nil && string(b) == string(v)
}

// globMatch is Vault's: a pattern of fewer than two bytes has no wildcard.
func globMatch(pattern, s string) bool {
	if len(pattern) < 2 {
		return pattern == s
	}
	rest, front := strings.CutPrefix(pattern, "*")
	rest, back := strings.CutSuffix(rest, "*")
	switch {
	case front && back:
		return strings.Contains(s, rest)
	case front:
		return strings.HasSuffix(s, rest)
	case back:
		return strings.HasPrefix(s, rest)
	}
	return s == pattern
}

// appendValue fails on what no Value can be: too deep, too long, or of a type
// that no request decodes to.
func appendValue(b []byte, v any, depth int) ([]byte, error) {
	if depth > MaxValueDepth {
		return nil, fmt.Errorf("value nests deeper than %d", MaxValueDepth)
	}
	var err error
	switch x := v.(type) {
	case nil:
		b = append(b, kindNull)
	case bool:
		b = append(b, boolKind(x))
	case string:
		if !utf8.ValidString(x) {
			return nil, errors.New("value is not valid UTF-8")
		}
		b = append(append(b, kindString), x...)
	case json.Number:
		b, err = appendNumber(append(b, kindNumber), string(x))
	case int:
		b, err = appendNumber(append(b, kindNumber), strconv.Itoa(x))
	case int64:
		b, err = appendNumber(append(b, kindNumber), strconv.FormatInt(x, 10))
	case float64:
		b, err = appendNumber(append(b, kindNumber), strconv.FormatFloat(x, 'g', -1, 64))
	case []string:
		b = append(b, kindList)
		for i := 0; err == nil && i < len(x); i++ {
			b, err = appendMember(b, x[i], depth)
		}
	case []any:
		b = append(b, kindList)
		for i := 0; err == nil && i < len(x); i++ {
			b, err = appendMember(b, x[i], depth)
		}
	case map[string]any:
		b, err = appendObject(b, x, depth)
	default:
		return nil, fmt.Errorf("value of type %T", v)
	}
	if err == nil && len(b) > MaxValueBytes {
		err = fmt.Errorf("value of more than %d bytes", MaxValueBytes)
	}
	return b, err
}

// appendMember appends an element behind its length.
func appendMember(b []byte, v any, depth int) ([]byte, error) {
	m, err := appendValue(nil, v, depth+1)
	if err != nil {
		return nil, err
	}
	b = append(binary.AppendUvarint(b, uint64(len(m))), m...)
	if len(b) > MaxValueBytes {
		return nil, fmt.Errorf("value of more than %d bytes", MaxValueBytes)
	}
	return b, nil
}

func appendObject(b []byte, object map[string]any, depth int) ([]byte, error) {
	if len(object) > MaxValueBytes {
		return nil, fmt.Errorf("value of more than %d bytes", MaxValueBytes)
	}
	names := make([]string, 0, len(object))
	for name := range object { // order: sorted below
		if !utf8.ValidString(name) {
			return nil, errors.New("value is not valid UTF-8")
		}
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, kindObject)
	var err error
	for _, name := range names {
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
		if b, err = appendMember(b, object[name], depth); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// check refuses every spelling but the canonical one: it reads the value and
// writes it again.
func (v Value) check() error {
	if len(v) > MaxValueBytes {
		return fmt.Errorf("value of %d bytes, at most %d", len(v), MaxValueBytes)
	}
	x, err := v.parse(0)
	if err != nil {
		return err
	}
	again, err := NewValue(x)
	if err == nil && again != v {
		err = errValue
	}
	return err
}

// parse reads the value into what NewValue takes.
func (v Value) parse(depth int) (any, error) {
	if len(v) == 0 || depth > MaxValueDepth {
		return nil, errValue
	}
	kind, rest := v[0], string(v[1:])
	switch kind {
	case kindNumber:
		return json.Number(rest), nil
	case kindString:
		return rest, nil
	case kindList:
		list := []any{}
		for rest != "" {
			var item string
			var err error
			if item, rest, err = cutField(rest); err != nil {
				return nil, err
			}
			x, err := Value(item).parse(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		return list, nil
	case kindObject:
		return parseObject(rest, depth)
	}
	if rest != "" {
		return nil, errValue
	}
	switch kind {
	case kindNull:
		return nil, nil
	case kindFalse, kindTrue:
		return kind == kindTrue, nil
	}
	return nil, errValue
}

func parseObject(rest string, depth int) (any, error) {
	object := map[string]any{}
	for rest != "" {
		name, more, err := cutField(rest)
		if err != nil {
			return nil, err
		}
		var item string
		if item, rest, err = cutField(more); err != nil {
			return nil, err
		}
		if object[name], err = Value(item).parse(depth + 1); err != nil {
			return nil, err
		}
	}
	return object, nil
}

// cutField takes a length and that many bytes off the front.
func cutField(s string) (field, rest string, err error) {
	n, size := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
	if size <= 0 || n > uint64(len(s)-size) {
		return "", "", errValue
	}
	end := size + int(n)
	return s[size:end], s[end:], nil
}

func boolKind(b bool) byte {
	if b {
		return kindTrue
	}
	return kindFalse
}
