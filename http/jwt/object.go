package jwt

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep claims are nested.
const maxDepth = 32

var errNotStrict = errors.New("not a JSON object, or one with a name given twice, or too deep")

// decodeObject reads one JSON object, numbers kept as they are spelled. It refuses
// what readers of JSON disagree about: a name given twice, text that is not
// UTF-8, anything behind the object.
func decodeObject(data []byte) (map[string]any, error) {
	if !utf8.Valid(data) {
		return nil, errNotStrict
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := decodeValue(d, 0)
	if err != nil {
		return nil, errNotStrict
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errNotStrict
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errNotStrict
	}
	return object, nil
}

func decodeValue(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil || depth > maxDepth {
		return nil, errNotStrict
	}
	switch t {
	case json.Delim('{'):
		return decodeMembers(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil
}

func decodeMembers(d *json.Decoder, depth int) (any, error) {
	object := make(map[string]any)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, errNotStrict
		}
		if _, twice := object[name]; twice {
			return nil, errNotStrict
		}
		if object[name], err = decodeValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return object, err
}

// claim finds a claim by its name, or by a JSON pointer (RFC 6901) if the name
// begins with a slash.
func claim(claims map[string]any, name string) (any, bool) {
	if !strings.HasPrefix(name, "/") {
		v, ok := claims[name]
		return v, ok
	}
	var at any = claims
	for part := range strings.SplitSeq(name[1:], "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		switch in := at.(type) {
		case map[string]any:
			v, ok := in[part]
			if !ok {
				return nil, false
			}
			at = v
		case []any:
			i, ok := index(part)
			if !ok || i >= len(in) {
				return nil, false
			}
			at = in[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// index reads a position in a list: digits without a zero before them.
func index(text string) (int, bool) {
	if text == "" || len(text) > 6 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}
